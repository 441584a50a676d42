import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { playableWav } from '../../audio/wav/playable-wav.ts';
import { readWavHeader } from '../../audio/wav/wav-header.ts';

/** How much of a file is read. Headers are short unless a recorder has written metadata into them: then the second. */
const HEADER_BYTES = [64 * 1024, 4 * 1024 * 1024];
/** Symbolic links are refused: one could lead to any file of this machine. */
const NO_LINK = constants.O_RDONLY | constants.O_NOFOLLOW;

/** The properties of a playable WAV file. */
interface WavProperties {
  readonly sizeBytes: number;
  readonly changedAtMs: number;
  readonly durationMs: number;
}

interface CachedResult {
  readonly sizeBytes: number;
  readonly changedAtMs: number;
  readonly found: { readonly durationMs: number } | string;
}

/** Reads the headers of WAV files. Results are cached until the size or modification time of the file changes. */
export class WavProbe {
  #cache = new Map<string, CachedResult>();

  /** A string is the reason why the file is not supported; undefined: there is no such file. */
  async probe(file: string): Promise<WavProperties | string | undefined> {
    const facts = await lstat(file).catch(() => undefined);
    if (!facts?.isFile()) return undefined;
    const { size: sizeBytes, mtimeMs: changedAtMs } = facts;
    let known = this.#cache.get(file);
    if (known?.sizeBytes !== sizeBytes || known.changedAtMs !== changedAtMs) {
      const found = await readHeader(file);
      if (found === undefined) return undefined;
      known = { sizeBytes, changedAtMs, found };
      this.#cache.set(file, known);
    }
    return typeof known.found === 'string' ? known.found : { sizeBytes, changedAtMs, ...known.found };
  }

  /** Removes the cached results of all other files. */
  forgetOthers(files: readonly string[]): void {
    const wanted = new Set(files);
    for (const file of this.#cache.keys()) if (!wanted.has(file)) this.#cache.delete(file);
  }
}

async function readHeader(file: string): Promise<{ readonly durationMs: number } | string | undefined> {
  // The file was deleted meanwhile, or is a symbolic link. All other errors are thrown.
  const handle = await open(file, NO_LINK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ELOOP') return undefined;
    throw error;
  });
  if (!handle) return undefined;
  try {
    const { size } = await handle.stat();
    let found: ReturnType<typeof playableWav> = '';
    for (const bytes of HEADER_BYTES) {
      const head = new Uint8Array(Math.min(bytes, size));
      await handle.read(head, 0, head.length, 0);
      found = playableWav(head, size);
      if (readWavHeader(head) || head.length === size) break;
    }
    return found;
  } finally {
    await handle.close();
  }
}
