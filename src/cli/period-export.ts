import { createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { ObjectStore } from '../object-store/object-store.ts';
import { type CallRecord, readCallRecord } from '../records/call-record.ts';
import type { DataDirectory } from '../storage/data-directory.ts';

/** Files read before yielding to the event loop. */
const READ_AT_ONCE = 50;

export interface Period {
  /** Epoch milliseconds: `from` is inclusive, `before` is exclusive. */
  readonly fromMs?: number | undefined;
  readonly beforeMs?: number | undefined;
}

export interface PeriodExportOptions {
  readonly directories: DataDirectory;
  readonly store?: ObjectStore | undefined;
}

/** One file of an export; its bytes are read when its turn comes. */
export interface ExportedFile {
  readonly name: string;
  readonly atMs: number;
  /** Audio formats that are compressed already or hardly compressible. */
  readonly isAudio: boolean;
  open(): Readable;
}

export interface PeriodCalls {
  /** Calls that began in the period, earliest first. */
  readonly calls: readonly string[];
  /** Calls whose start is unknown. */
  readonly unreadable: readonly string[];
}

/** Finds the calls of a period. Only their names are held in memory. */
export async function callsBetween(
  directories: DataDirectory,
  { fromMs, beforeMs }: Period,
): Promise<PeriodCalls> {
  const found: { callSid: string; startedAtMs: number }[] = [];
  const unreadable: string[] = [];
  for (const [index, callSid] of directories.finishedCalls().entries()) {
    const startedAtMs = startOf(readCallRecord(directories.recordings, callSid));
    // The call was erased in the meantime.
    if (Number.isNaN(startedAtMs) && directories.isFinished(callSid)) unreadable.push(callSid);
    if (startedAtMs >= (fromMs ?? -Infinity) && startedAtMs < (beforeMs ?? Infinity))
      found.push({ callSid, startedAtMs });
    if (index % READ_AT_ONCE === READ_AT_ONCE - 1) await new Promise(setImmediate);
  }
  found.sort((one, other) => one.startedAtMs - other.startedAtMs);
  return { calls: found.map(({ callSid }) => callSid), unreadable };
}

/** NaN if the `.json` is invalid. */
function startOf(json: Partial<CallRecord> | undefined): number {
  return json?.files ? Date.parse(json.startedAt ?? '') : NaN;
}

/** The files of one call, from the directory or the object store. `missing`: files that are in neither. */
export function filesOf(
  callSid: string,
  { directories, store }: PeriodExportOptions,
): { files: ExportedFile[]; missing: string[] } {
  const json = readCallRecord(directories.recordings, callSid);
  const missing: string[] = [];
  const files = (json ? namesOf(json) : []).flatMap(({ name, isAudio, url }) => {
    const here = path.join(directories.recordings, name);
    const atMs = Date.parse(json!.startedAt);
    if (existsSync(here)) return [{ name, atMs, isAudio, open: () => createReadStream(here) }];
    if (url !== undefined && store)
      return [{ name, atMs, isAudio, open: () => Readable.from(store.read(url)) }];
    missing.push(name);
    return [];
  });
  return { files, missing };
}

function namesOf({ callSid, audio, files }: CallRecord) {
  const texts = [files.transcript, files.summary, `call_${callSid}.json`];
  return [
    ...(audio ? [{ name: audio.file, isAudio: true, url: audio.url }] : []),
    ...texts.map((name) => ({ name, isAudio: false, url: undefined })),
  ];
}
