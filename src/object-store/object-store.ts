import type { WrittenFile } from '../storage/durable-file.ts';

/** Identifies the content of a file. */
export type FileContent = Pick<WrittenFile, 'sizeBytes' | 'sha256'>;

/** How a browser receives a file. */
export interface LinkAs {
  /** The name it is saved under. */
  readonly fileName: string;
  readonly contentType: string;
  readonly disposition: 'inline' | 'attachment';
}

export interface FileLink {
  /** Grants read access to the file, in whole or in ranges, until it expires. */
  readonly href: string;
  readonly expiresAtMs: number;
}

/** Stores finished files outside the local directory. A file's address is `s3://bucket/prefix/name`. */
export interface ObjectStore {
  /** The prefix of the addresses of new files, without a slash at the end. */
  readonly url: string;
  /** What the store does not support, as far as its answers have shown. */
  readonly missing: readonly string[];
  /**
   * Resolves when the store is verified to hold exactly this file. Continues an interrupted upload. `ask` is called before each request that
   * writes the file; with what it throws, `put` rejects.
   */
  put(
    url: string,
    file: WrittenFile,
    contentType: string,
    signal: AbortSignal,
    ask?: () => Promise<void>,
  ): Promise<void>;
  /** Whether the store holds a file with this content: by its checksum, or by reading it back. */
  holds(url: string, content: FileContent, signal: AbortSignal): Promise<boolean>;
  /** Streams the file; rejects if it does not exist. */
  read(url: string): AsyncIterable<Uint8Array>;
  /** Removes the file and parts of an unfinished `put`. Resolves when it is removed: true if there was a file. */
  remove(url: string): Promise<boolean>;
  link(url: string, as: LinkAs): Promise<FileLink>;
  /** Removes parts of old unfinished `put`s. */
  tidy(): Promise<void>;
  close(): void;
}
