import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { syncDirectory, writeDurably } from '../storage/durable-file.ts';
import { callRecordName, tombstoneName } from '../storage/file-names.ts';
import type { RecordDirectories } from './annotations.ts';
import { readCallRecord, uploadedUrls } from './call-record.ts';

/** `asked`: erasure was requested. `age`: the call is older than RETENTION_DAYS. */
export type ErasureReason = 'asked' | 'age';

export interface ErasureFacts {
  readonly callSid: string;
  readonly because: ErasureReason;
  readonly atMs: number;
  /** Addresses of remote files from other sources than its `.json`. */
  readonly urls: readonly string[];
  /** Names of its existing files, so that the process that removes the last one can report all. */
  readonly files: readonly string[];
  readonly hadEntry: boolean;
}

/** A request to erase a call. */
export interface ErasureRequest extends ErasureFacts {
  /** Whether its erasure had begun before the request. */
  readonly wasBegun: boolean;
}

/** A call that is being erased, and what is needed to remove the rest of it. It contains no caller and no words. */
export interface Tombstone extends ErasureFacts {
  readonly version: 1;
}

export type TombstoneResult =
  | Tombstone
  | 'held'
  /** It existed at the time of the request; meanwhile another process has erased it. */
  | 'gone';

/**
 * The first step of an erasure: writes the tombstone and deletes the `.json`, which marks a finished call. After that the
 * rest may be removed in any order, by any process that finds the tombstone. Blocks, and must run under the lock: a hold
 * that is set at the same time either comes first or finds no call.
 */
export function createTombstone(
  { directory, temporary: aside, erasing }: RecordDirectories & { readonly erasing: string },
  { wasBegun, ...what }: ErasureRequest,
): TombstoneResult {
  const json = readCallRecord(directory, what.callSid);
  if (json?.hold) return 'held';
  const before = readTombstone(erasing, what.callSid);
  const name = callRecordName(what.callSid);
  const hasFiles = what.files.some((file) => existsSync(path.join(directory, file)));
  if (!before && !hasFiles && (wasBegun || what.files.length > 0)) return 'gone';
  const urls = [...what.urls, ...(before?.urls ?? []), ...(json ? uploadedUrls(json) : [])];
  const record: Tombstone = {
    ...(before ?? what),
    version: 1,
    urls: [...new Set(urls)],
    files: [...new Set([...(before?.files ?? []), ...what.files])],
    hadEntry: what.hadEntry || (before?.hadEntry ?? false),
  };
  writeDurably(path.join(erasing, tombstoneName(what.callSid)), aside, `${JSON.stringify(record)}\n`);
  rmSync(path.join(directory, name), { force: true });
  syncDirectory(directory);
  return record;
}

export function readTombstone(erasing: string, callSid: string): Tombstone | undefined {
  try {
    const record = JSON.parse(readFileSync(path.join(erasing, tombstoneName(callSid)), 'utf8')) as Tombstone;
    // Tombstones of earlier versions lack both.
    return { ...record, files: record.files ?? [], hadEntry: record.hadEntry ?? false };
  } catch {
    return undefined;
  }
}
