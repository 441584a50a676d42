import { closeSync, fdatasyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { JOURNAL_MAGIC } from '../recording/journal-codec.ts';
import { wholeBytes } from '../recording/journal-file.ts';

/** What the journal threads are told. Bytes of all calls travel together: one message a round. */
export type ToJournalThread =
  | { readonly kind: 'open'; readonly id: number; readonly path: string; readonly fresh: boolean }
  | {
      readonly kind: 'write';
      readonly round: number;
      /** Journal and length of each record in turn. */
      readonly entries: Uint32Array;
      readonly bytes: Uint8Array;
    }
  /** `drop`: without what the disk has not taken. */
  | { readonly kind: 'close'; readonly id: number; readonly drop: boolean }
  | { readonly kind: 'sync'; readonly round: number; readonly files: readonly number[] };

export type FromJournalThread =
  /** The first word of each thread. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'opened'; readonly id: number; readonly file: number }
  | {
      readonly kind: 'wrote';
      readonly round: number;
      /** Bytes that the disk has not taken yet, all calls together, and which calls they are of. */
      readonly backlogBytes: number;
      readonly behind: readonly number[];
      readonly error?: string;
    }
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'synced'; readonly round: number; readonly error?: string };

const JOINED_BYTES = 64 * 1024;

interface OpenFile {
  readonly path: string;
  readonly fresh: boolean;
  file: number | undefined;
  position: number;
  backlog: Uint8Array[];
  closing: boolean;
}

const port = parentPort;
const files = new Map<number, OpenFile>();

if (port && (workerData as { role?: string } | null)?.role) {
  port.on('message', (message: ToJournalThread) => {
    switch (message.kind) {
      case 'open':
        openJournal(message.id, message.path, message.fresh);
        break;
      case 'write':
        write(message);
        break;
      case 'close': {
        const open = files.get(message.id);
        if (open) open.closing = true;
        if (open && message.drop) open.backlog = [];
        closeIfDone(message.id);
        break;
      }
      case 'sync':
        sync(message);
        break;
    }
  });
  say({ kind: 'ready' });
}

function say(message: FromJournalThread): void {
  port?.postMessage(message);
}

function openJournal(id: number, path: string, fresh: boolean): void {
  const backlog = fresh ? [new Uint8Array(JOURNAL_MAGIC)] : [];
  const open: OpenFile = { path, fresh, file: undefined, position: 0, backlog, closing: false };
  files.set(id, open);
  tryToWrite(id, open);
}

function write(message: Extract<ToJournalThread, { kind: 'write' }>): void {
  let from = 0;
  for (let index = 0; index < message.entries.length; index += 2) {
    const length = message.entries[index + 1]!;
    files.get(message.entries[index]!)?.backlog.push(message.bytes.subarray(from, from + length));
    from += length;
  }
  let error: string | undefined;
  let backlogBytes = 0;
  const behind: number[] = [];
  for (const [id, open] of files) {
    if (open.backlog.length > 0) error = tryToWrite(id, open) ?? error;
    for (const bytes of open.backlog) backlogBytes += bytes.length;
    if (open.backlog.length > 0) behind.push(id);
    closeIfDone(id);
  }
  say({ kind: 'wrote', round: message.round, backlogBytes, behind, ...(error !== undefined && { error }) });
}

/** Writes what waits, in order; what the disk does not take waits on. A short write goes on where it stopped. */
function tryToWrite(id: number, open: OpenFile): string | undefined {
  try {
    if (open.file === undefined) {
      const whole = open.fresh ? 0 : wholeBytes(open.path);
      open.file = openSync(open.path, open.fresh ? 'wx' : 'r+');
      open.position = whole;
      if (!open.fresh) ftruncateSync(open.file, whole);
      say({ kind: 'opened', id, file: open.file });
    }
    // A round's records in one write; what a full disk has piled up is not copied again and again.
    if (open.backlog.length > 1 && open.backlog[0]!.length < JOINED_BYTES)
      open.backlog = [Buffer.concat(open.backlog)];
    for (let bytes = open.backlog[0]; bytes; bytes = open.backlog[0]) {
      const count = writeSync(open.file, bytes, 0, bytes.length, open.position);
      open.position += count;
      if (count === bytes.length) open.backlog.shift();
      else open.backlog[0] = bytes.subarray(count);
    }
    return undefined;
  } catch (error) {
    return String(error);
  }
}

function closeIfDone(id: number): void {
  const open = files.get(id);
  if (!open?.closing || open.backlog.length > 0) return;
  files.delete(id);
  if (open.file !== undefined) closeSync(open.file);
  say({ kind: 'closed', id });
}

/** File numbers belong to the whole process: the syncing thread uses those that the writing thread opened. */
function sync(message: Extract<ToJournalThread, { kind: 'sync' }>): void {
  let error: string | undefined;
  for (const file of message.files) {
    try {
      fdatasyncSync(file);
    } catch (reason) {
      // A file that was closed meanwhile is finished with.
      if ((reason as NodeJS.ErrnoException).code !== 'EBADF') error = String(reason);
    }
  }
  say({ kind: 'synced', round: message.round, ...(error !== undefined && { error }) });
}
