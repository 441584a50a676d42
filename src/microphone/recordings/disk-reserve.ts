import type { DiskSpace } from '../../storage/disk-space.ts';

export interface DiskReserveOptions {
  /** What is kept free for calls. */
  readonly reserveBytes: number;
  /** The space on the disk of the recordings. */
  readonly space: () => Promise<DiskSpace>;
}

/** Keeps disk space free for calls: a call cannot be repeated, a recording of the microphone can. */
export class DiskReserve {
  readonly #options: DiskReserveOptions;
  /** The bytes of accepted uploads that are still arriving. */
  #promisedBytes = 0;

  constructor(options: DiskReserveOptions) {
    this.#options = options;
  }

  /** Why `bytes` more cannot be stored; undefined if they can. */
  async refusal(bytes: number): Promise<string | undefined> {
    const { reserveBytes, space } = this.#options;
    const { freeBytes } = await space();
    if (freeBytes - this.#promisedBytes - bytes >= reserveBytes) return undefined;
    return `The disk of the server is nearly full: ${megabytes(freeBytes)} are free, and ${megabytes(reserveBytes)} are kept for calls (DISK_RESERVE_MB). Recordings cannot be saved until space is freed.`;
  }

  /** Counts an upload until the returned function is called. */
  promise(bytes: number): () => void {
    let open = true;
    this.#promisedBytes += bytes;
    return () => {
      if (open) this.#promisedBytes -= bytes;
      open = false;
    };
  }
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1_000_000).toLocaleString('en')} MB`;
}
