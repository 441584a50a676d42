import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { syncDirectory, writeDurably } from '../storage/durable-file.ts';
import { callRecordName, tombstoneName } from '../storage/file-names.ts';
import type { RecordDirectories } from './annotations.ts';
import { readCallRecord, uploadedUrls } from './call-record.ts';

/** `asked`: somebody wants it gone. `age`: it is older than calls are kept. */
export type ErasureReason = 'asked' | 'age';

export interface ErasureFacts {
  readonly callSid: string;
  readonly because: ErasureReason;
  readonly atMs: number;
  /** Addresses of files of it that are known otherwise than from its `.json`. */
  readonly urls: readonly string[];
  /** Names of its files that are there, so that whoever removes the last of them can tell of all. */
  readonly files: readonly string[];
  readonly hadEntry: boolean;
}

/** What is asked for. */
export interface ErasureRequest extends ErasureFacts {
  /** Whether its erasing had begun when it was asked for. */
  readonly wasBegun: boolean;
}

/** That a call is to be gone, and what is needed to remove the rest of it. It says nothing of who called or what was said. */
export interface Tombstone extends ErasureFacts {
  readonly version: 1;
}

export type TombstoneResult =
  | Tombstone
  | 'held'
  /** It was there when it was asked for; meanwhile somebody else has erased it. */
  | 'gone';

/**
 * The first step of erasing a call: a record of it comes to lie on disk, then its `.json` goes, with which a finished call
 * stands and falls. Everything else may be removed in any order after that, by whoever finds the record. Blocks, and
 * must run alone: a hold that is laid on at the same time either stands before this or finds no call.
 */
export function createTombstone(
  { directory, temporary: aside, erasing }: RecordDirectories & { readonly erasing: string },
  { wasBegun, ...what }: ErasureRequest,
): TombstoneResult {
  const json = readCallRecord(directory, what.callSid);
  if (json?.hold) return 'held';
  const before = readTombstone(erasing, what.callSid);
  const name = callRecordName(what.callSid);
  const isThere = what.files.some((file) => existsSync(path.join(directory, file)));
  if (!before && !isThere && (wasBegun || what.files.length > 0)) return 'gone';
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
    // An earlier version wrote neither.
    return { ...record, files: record.files ?? [], hadEntry: record.hadEntry ?? false };
  } catch {
    return undefined;
  }
}
