import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { caseName, readCase } from './case-file.ts';
import type { CaseFolder } from './case-notes.ts';
import { depositedUrls } from './deposit.ts';
import { syncFolder, writeDurably } from './durable-file.ts';

/** `asked`: somebody wants it gone. `age`: it is older than calls are kept. */
export type ErasedBecause = 'asked' | 'age';

export interface Condemning {
  readonly callSid: string;
  readonly because: ErasedBecause;
  readonly atMs: number;
  /** Addresses of files of it that are known otherwise than from its `.json`. */
  readonly urls: readonly string[];
}

/** That a call is to be gone, and what is needed to remove the rest of it. It says nothing of who called or what was said. */
export interface Condemned extends Condemning {
  readonly version: 1;
  /** Files that are gone already; their sizes where they were known. */
  readonly removed: readonly string[];
}

export function condemnedName(callSid: string): string {
  return `${callSid}.json`;
}

/**
 * The first step of erasing a call: a record of it comes to lie on disk, then its `.json` goes, with which a finished call
 * stands and falls. Everything else may be removed in any order after that, by whoever finds the record. Blocks, and
 * must run alone: a hold that is laid on at the same time either stands before this or finds no call.
 */
export function condemnCase(
  { directory, aside, erasing }: CaseFolder & { readonly erasing: string },
  what: Condemning,
): Condemned | 'held' {
  const json = readCase(directory, what.callSid);
  if (json?.hold) return 'held';
  const before = readCondemned(erasing, what.callSid);
  const urls = [...what.urls, ...(before?.urls ?? []), ...(json ? depositedUrls(json) : [])];
  const name = caseName(what.callSid);
  const record: Condemned = {
    ...(before ?? what),
    version: 1,
    urls: [...new Set(urls)],
    removed: [...new Set([...(before?.removed ?? []), ...(json ? [name] : [])])],
  };
  writeDurably(path.join(erasing, condemnedName(what.callSid)), aside, `${JSON.stringify(record)}\n`);
  rmSync(path.join(directory, name), { force: true });
  syncFolder(directory);
  return record;
}

export function readCondemned(erasing: string, callSid: string): Condemned | undefined {
  try {
    return JSON.parse(readFileSync(path.join(erasing, condemnedName(callSid)), 'utf8')) as Condemned;
  } catch {
    return undefined;
  }
}
