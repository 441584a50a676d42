import { link, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { readWavHeader, startsLikeWav } from '../audio/wav-header.ts';
import type { MicrophoneRecording } from '../recording/catalogue.ts';
import { makeFolder } from '../recording/make-folder.ts';
import { MicrophoneTranscripts, syncPath, transcriptName } from './microphone-transcripts.ts';

/** A file of that name is one of ours, or one that a user has put there. */
const WAV_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_. ()-]{0,120}\.wav$/iu;
/** Headers are short, unless a recorder has written notes into them. */
const HEADER_BYTES = 64 * 1024;
/** Recordings that begin in one second. */
const MOST_OF_A_SECOND = 1_000;

/** A recording as it lies in the folder. */
export type KeptRecording = Omit<MicrophoneRecording, 'sha256'> & {
  /** The file beside it, where there is one. */
  readonly transcript?: string;
};

/** Recordings of the browser's microphone, one WAV file each, in a folder of their own; a transcript may lie beside it. */
export class MicrophoneFolder {
  readonly directory: string;
  /** For what is not complete. */
  readonly uploads: string;
  readonly #transcripts: MicrophoneTranscripts;

  /** `directory`: absolute; made where it is not there. */
  constructor(directory: string) {
    this.directory = directory;
    this.uploads = path.join(directory, '.uploads');
    makeFolder(this.uploads);
    this.#transcripts = new MicrophoneTranscripts(directory, this.uploads);
  }

  /** Whether a name can be one of a recording here; whatever else comes in its place never gets near a path. */
  static isName(name: string): boolean {
    return WAV_NAME.test(name) && !name.includes('..');
  }

  /**
   * Takes a complete file over as `recording_YYYYMMDD_HHMMSS.wav`, by this machine's clock and time zone. Undefined: it is
   * no WAV file, whatever it was called. `uploaded`: a path on the same file system, which is gone afterwards.
   */
  async keep(uploaded: string, at: Date): Promise<KeptRecording | undefined> {
    const durationMs = await wavDurationMs(uploaded);
    if (durationMs === undefined) return undefined;
    await syncPath(uploaded);
    for (let count = 1; count <= MOST_OF_A_SECOND; count += 1) {
      const name = `recording_${stamp(at)}${count === 1 ? '' : `_${count}`}.wav`;
      try {
        // Fails where the name is taken, by another process too.
        await link(uploaded, path.join(this.directory, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      await rm(uploaded, { force: true });
      await syncPath(this.directory);
      const { size } = await stat(path.join(this.directory, name));
      return { name, createdAtMs: at.getTime(), sizeBytes: size, durationMs };
    }
    throw new Error('more recordings began in one second than there are names for');
  }

  /** Latest first. What is no WAV file is left out. */
  async list(): Promise<KeptRecording[]> {
    const names = (await readdir(this.directory)).filter((name) => MicrophoneFolder.isName(name));
    const found = await Promise.all(names.map((name) => this.#look(name)));
    return found
      .flatMap((one) => one ?? [])
      .sort((a, b) => b.createdAtMs - a.createdAtMs || (a.name < b.name ? 1 : -1));
  }

  /** Where a recording lies; undefined where there is none of that name. */
  async pathOf(name: string): Promise<string | undefined> {
    return (await this.#look(name)) && path.join(this.directory, name);
  }

  /** Lays a text beside a recording, or another one in its place. Undefined: there is no recording of that name. */
  async keepTranscript(name: string, text: string): Promise<KeptRecording | undefined> {
    if (!(await this.#look(name))) return undefined;
    await this.#transcripts.write(name, text);
    const kept = await this.#look(name);
    // The recording was removed meanwhile: nothing of it stays.
    if (!kept) await this.#transcripts.remove(name);
    return kept;
  }

  /** Where a recording's transcript lies; undefined where it has none. */
  async transcriptOf(name: string): Promise<string | undefined> {
    return (await this.#look(name)) && this.#transcripts.pathOf(name);
  }

  /** With its transcript. False where there was none. */
  async remove(name: string): Promise<boolean> {
    const file = await this.pathOf(name);
    if (file === undefined) return false;
    // First, so that whatever happens in between no text is left of a recording that is gone.
    await this.#transcripts.remove(name);
    await rm(file, { force: true });
    await this.#transcripts.remove(name);
    return true;
  }

  async #look(name: string): Promise<KeptRecording | undefined> {
    if (!MicrophoneFolder.isName(name)) return undefined;
    const file = path.join(this.directory, name);
    const facts = await stat(file).catch(() => undefined);
    const durationMs = facts?.isFile() ? await wavDurationMs(file) : undefined;
    if (!facts || durationMs === undefined) return undefined;
    const createdAtMs = stamped(name) ?? facts.mtimeMs;
    const transcript = (await this.#transcripts.pathOf(name)) && transcriptName(name);
    return { name, createdAtMs, sizeBytes: facts.size, durationMs, ...(transcript && { transcript }) };
  }
}

/** By its header, and by its length where the header does not know; undefined: no WAV file. */
async function wavDurationMs(file: string): Promise<number | undefined> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const bytes = new Uint8Array(Math.min(HEADER_BYTES, size));
    await handle.read(bytes, 0, bytes.length, 0);
    if (!startsLikeWav(bytes)) return undefined;
    const header = readWavHeader(bytes);
    if (!header || header.bytesPerSecond === 0) return undefined;
    const dataBytes = Math.min(header.dataBytes, size - header.dataAt);
    return Math.round((dataBytes / header.bytesPerSecond) * 1_000);
  } finally {
    await handle.close();
  }
}

function stamp(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  return `${day}_${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
}

/** When a recording was made, by its name: a copied file has another date. */
function stamped(name: string): number | undefined {
  const parts = /^recording_(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})(?:_\d+)?\.wav$/u.exec(name);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return new Date(year, month - 1, day, hour, minute, second).getTime();
}
