import { randomUUID } from 'node:crypto';
import { lstat, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { replaceDurably } from '../../storage/durable-file.ts';
import {
  documentJson,
  documentOf,
  parseDocument,
  type TranscriptDocument,
  transcriptText,
  utterancesOfText,
} from './transcript-document.ts';

/**
 * Transcripts of microphone recordings: `recording_….wav` has `recording_….json` with times and state, and `recording_….txt`
 * for people. The names are already validated.
 */
export class TranscriptFiles {
  readonly #directory: string;
  readonly #temporary: string;

  /** `temporary`: a directory for incomplete files on the same file system. */
  constructor(directory: string, temporary: string) {
    this.#directory = directory;
    this.#temporary = temporary;
  }

  /**
   * Replaces the transcript, the `.json` last: without a new one, an interrupted write leaves the state as it was. `text`: for
   * people.
   */
  async write(
    recording: string,
    document: TranscriptDocument,
    text = transcriptText(document),
  ): Promise<void> {
    if (text === '') await rm(this.#file(recording, 'txt'), { force: true });
    else await this.#replace(transcriptName(recording), text);
    await this.#replace(nameOf(recording, 'json'), documentJson(document));
  }

  /** The path of a transcript for people; undefined if there is none. A symbolic link is ignored. */
  async pathOf(recording: string): Promise<string | undefined> {
    return fileAt(this.#file(recording, 'txt'));
  }

  /** The transcript; undefined if there is none. A text without a `.json` is one, too. `durationMs`: of the recording. */
  async read(
    recording: string,
    durationMs: number,
    language: string,
  ): Promise<TranscriptDocument | undefined> {
    const file = await fileAt(this.#file(recording, 'json'));
    const document = file && parseDocument(await contentOf(file));
    if (document) return document;
    const text = await this.pathOf(recording);
    if (text === undefined) return undefined;
    return documentOf(utterancesOfText(await contentOf(text), durationMs), [], language);
  }

  /** Files of the new name, without a recording, are replaced. */
  async rename(recording: string, newName: string): Promise<void> {
    for (const kind of KINDS) {
      const file = await fileAt(this.#file(recording, kind));
      if (file === undefined) await rm(this.#file(newName, kind), { force: true });
      else await rename(file, this.#file(newName, kind));
    }
  }

  async remove(recording: string): Promise<void> {
    for (const kind of KINDS) await rm(this.#file(recording, kind), { force: true });
  }

  #file(recording: string, kind: (typeof KINDS)[number]): string {
    return path.join(this.#directory, nameOf(recording, kind));
  }

  async #replace(name: string, content: string): Promise<void> {
    const unfinished = path.join(this.#temporary, `${name}.${randomUUID()}`);
    await replaceDurably(path.join(this.#directory, name), unfinished, content);
  }
}

const KINDS = ['txt', 'json'] as const;

export function transcriptName(recording: string): string {
  return nameOf(recording, 'txt');
}

function nameOf(recording: string, kind: (typeof KINDS)[number]): string {
  return recording.replace(/\.wav$/iu, `.${kind}`);
}

async function fileAt(file: string): Promise<string | undefined> {
  const facts = await lstat(file).catch(() => undefined);
  return facts?.isFile() ? file : undefined;
}

/** Empty if the file was deleted meanwhile. */
async function contentOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}
