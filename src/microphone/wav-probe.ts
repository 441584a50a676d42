import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { playableWav } from '../audio/wav/playable-wav.ts';

/** Headers are short, unless a recorder has written notes into them. */
const HEADER_BYTES = 64 * 1024;
/** A symbolic link could lead to any file of this machine. */
const NO_LINK = constants.O_RDONLY | constants.O_NOFOLLOW;

/** A file that is a WAV file players play. */
interface WavFacts {
  readonly sizeBytes: number;
  readonly changedAtMs: number;
  readonly durationMs: number;
}

interface Known {
  readonly sizeBytes: number;
  readonly changedAtMs: number;
  readonly found: { readonly durationMs: number } | string;
}

/** Looks into WAV files, once each: again only where size or time of change are others. */
export class WavProbe {
  #known = new Map<string, Known>();

  /** A string says why the file is not supported; undefined: there is no such file. */
  async look(file: string): Promise<WavFacts | string | undefined> {
    const facts = await lstat(file).catch(() => undefined);
    if (!facts?.isFile()) return undefined;
    const { size: sizeBytes, mtimeMs: changedAtMs } = facts;
    let known = this.#known.get(file);
    if (known?.sizeBytes !== sizeBytes || known.changedAtMs !== changedAtMs) {
      const found = await lookInto(file);
      if (found === undefined) return undefined;
      known = { sizeBytes, changedAtMs, found };
      this.#known.set(file, known);
    }
    return typeof known.found === 'string' ? known.found : { sizeBytes, changedAtMs, ...known.found };
  }

  /** What is not among `files` is not asked for any more. */
  keepOnly(files: readonly string[]): void {
    const wanted = new Set(files);
    for (const file of this.#known.keys()) if (!wanted.has(file)) this.#known.delete(file);
  }
}

async function lookInto(file: string): Promise<{ readonly durationMs: number } | string | undefined> {
  // Gone meanwhile; whatever else keeps it from being opened is a mistake that has to be told.
  const handle = await open(file, NO_LINK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ELOOP') return undefined;
    throw error;
  });
  if (!handle) return undefined;
  try {
    const { size } = await handle.stat();
    const head = new Uint8Array(Math.min(HEADER_BYTES, size));
    await handle.read(head, 0, head.length, 0);
    return playableWav(head, size);
  } finally {
    await handle.close();
  }
}
