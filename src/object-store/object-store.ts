import type { WrittenFile } from '../storage/durable-file.ts';

/** What tells whether two copies of a file are the same. */
export type FileContent = Pick<WrittenFile, 'sizeBytes' | 'sha256'>;

/** How a file is handed to a browser. */
export interface LinkAs {
  /** The name it is saved under. */
  readonly fileName: string;
  readonly contentType: string;
  readonly disposition: 'inline' | 'attachment';
}

export interface FileLink {
  /** Anyone who has it may read the file, whole or in ranges, until it expires. */
  readonly href: string;
  readonly expiresAtMs: number;
}

/** Where finished files lie when it is not the local folder. A file is known by its address, `s3://bucket/prefix/name`. */
export interface ObjectStore {
  /** What the addresses of new files begin with, without a slash at the end. */
  readonly url: string;
  /** Resolves once the store was proved to hold exactly this file. Goes on where an earlier try stopped. */
  put(url: string, file: WrittenFile, contentType: string, signal: AbortSignal): Promise<void>;
  /** Whether the store holds a file with this content there: by its own checksum, or by reading it back. */
  holds(url: string, content: FileContent, signal: AbortSignal): Promise<boolean>;
  /** The file's bytes as they come; rejects where there is none. */
  read(url: string): AsyncIterable<Uint8Array>;
  /** Removes the file, and what an unfinished `put` left of it; true where there was a file. Resolves once it is gone. */
  remove(url: string): Promise<boolean>;
  link(url: string, as: LinkAs): Promise<FileLink>;
  /** Gives up what unfinished `put`s left long ago. */
  tidy(): Promise<void>;
  close(): void;
}
