import { closeSync, fdatasyncSync, openSync, truncateSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { readWholeRecords } from './journal-reader.ts';
import { JOURNAL_MAGIC } from './record-codec.ts';

/** Messages to the journal threads. The bytes of all calls are sent together: one message per round. */
export type ToJournalThread =
  | { readonly kind: 'open'; readonly id: number; readonly path: string; readonly fresh: boolean }
  | {
      readonly kind: 'write';
      readonly round: number;
      /** Journal and length of each record in turn. */
      readonly entries: Uint32Array;
      readonly bytes: Uint8Array;
    }
  /** Closes the file until the next write. */
  | { readonly kind: 'rest'; readonly id: number }
  /** `drop`: discards bytes that could not be written. */
  | { readonly kind: 'close'; readonly id: number; readonly drop: boolean }
  /** `paths`: files that were closed meanwhile. */
  | {
      readonly kind: 'sync';
      readonly round: number;
      readonly files: readonly number[];
      readonly paths: readonly string[];
    };

export type FromJournalThread =
  /** The first message of each thread. */
  | { readonly kind: 'ready' }
  /** `position`: of the next record. */
  | { readonly kind: 'opened'; readonly id: number; readonly file: number; readonly position: number }
  | { readonly kind: 'rested'; readonly id: number }
  | {
      readonly kind: 'wrote';
      readonly round: number;
      /** Bytes of all calls that could not be written yet, and the journals they belong to. */
      readonly backlogBytes: number;
      readonly behind: readonly number[];
      readonly error?: string | undefined;
    }
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'synced'; readonly round: number; readonly error?: string | undefined };

const JOINED_BYTES = 64 * 1024;
const GONE: ReadonlySet<string | undefined> = new Set(['EBADF', 'ENOENT']);

interface OpenFile {
  readonly path: string;
  readonly fresh: boolean;
  file: number | undefined;
  /** The position of the next record; undefined until the file was opened for the first time. */
  position: number | undefined;
  backlog: Uint8Array[];
  resting: boolean;
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
      case 'rest': {
        const open = files.get(message.id);
        if (open) open.resting = true;
        closeIfDone(message.id);
        break;
      }
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
  send({ kind: 'ready' });
}

function send(message: FromJournalThread): void {
  port?.postMessage(message);
}

function openJournal(id: number, path: string, fresh: boolean): void {
  const backlog = fresh ? [new Uint8Array(JOURNAL_MAGIC)] : [];
  const open: OpenFile = {
    path,
    fresh,
    backlog,
    file: undefined,
    position: undefined,
    resting: false,
    closing: false,
  };
  files.set(id, open);
  if (backlog.length > 0) tryToWrite(id, open);
}

function write(message: Extract<ToJournalThread, { kind: 'write' }>): void {
  let from = 0;
  for (let index = 0; index < message.entries.length; index += 2) {
    const length = message.entries[index + 1]!;
    const open = files.get(message.entries[index]!);
    open?.backlog.push(message.bytes.subarray(from, from + length));
    if (open) open.resting = false;
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
  send({ kind: 'wrote', round: message.round, backlogBytes, behind, error });
}

/** Writes the backlog in order. What cannot be written stays; a short write continues where it stopped. */
function tryToWrite(id: number, open: OpenFile): string | undefined {
  try {
    if (open.file === undefined) {
      open.file = openFile(open);
      send({ kind: 'opened', id, file: open.file, position: open.position ?? 0 });
    }
    // One write for the records of a round. The large backlog of a full disk is not copied again.
    if (open.backlog.length > 1 && open.backlog[0]!.length < JOINED_BYTES)
      open.backlog = [Buffer.concat(open.backlog)];
    for (let bytes = open.backlog[0]; bytes; bytes = open.backlog[0]) {
      const position: number = open.position ?? 0;
      const count = writeSync(open.file, bytes, 0, bytes.length, position);
      open.position = position + count;
      if (count === bytes.length) open.backlog.shift();
      else open.backlog[0] = bytes.subarray(count);
    }
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** Cuts off the truncated record of a crashed process. */
function openFile(open: OpenFile): number {
  const isNew = open.fresh && open.position === undefined;
  const position = open.position ?? (isNew ? 0 : readWholeRecords(open.path));
  if (!isNew) truncateSync(open.path, position);
  const file = openSync(open.path, isNew ? 'wx' : 'r+');
  open.position = position;
  return file;
}

function closeIfDone(id: number): void {
  const open = files.get(id);
  if (!open || open.backlog.length > 0 || !(open.closing || open.resting)) return;
  if (open.closing) files.delete(id);
  if (open.file !== undefined) {
    closeSync(open.file);
    open.file = undefined;
    if (!open.closing) send({ kind: 'rested', id });
  }
  open.resting = false;
  if (open.closing) send({ kind: 'closed', id });
}

/** File descriptors belong to the process: this thread syncs files that the writing thread opened. */
function sync(message: Extract<ToJournalThread, { kind: 'sync' }>): void {
  let error: string | undefined;
  const tryTo = (sync: () => void): void => {
    try {
      sync();
    } catch (reason) {
      // A file that was closed or moved meanwhile needs no sync here.
      if (!GONE.has((reason as NodeJS.ErrnoException).code)) error = String(reason);
    }
  };
  for (const file of message.files) tryTo(() => fdatasyncSync(file));
  for (const path of message.paths) tryTo(() => syncFile(path));
  send({ kind: 'synced', round: message.round, error });
}

function syncFile(path: string): void {
  const file = openSync(path, 'r');
  try {
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}
