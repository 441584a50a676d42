import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { CataloguedFile } from './catalogue.ts';
import { replaceDurably } from './durable-file.ts';

/** What the store was proved to hold of a call. It can be made again: whatever it says is checked when it is lost. */
export interface DepositMark {
  readonly version: 1;
  /** `s3://bucket/prefix` */
  readonly store: string;
  /** The `.json` as it was found on disk; another one since then has not been deposited. */
  readonly json: { readonly sha256: string; readonly modifiedMs: number; readonly sizeBytes: number };
  readonly files: readonly CataloguedFile[];
}

/** The marks are apart from the `.json` files, so that nobody but their writers ever changes those. */
function markPath(marks: string, callSid: string): string {
  return path.join(marks, `${callSid}.json`);
}

/** Blocks; for threads. */
export function readMarkSync(marks: string, callSid: string): DepositMark | undefined {
  try {
    return JSON.parse(readFileSync(markPath(marks, callSid), 'utf8')) as DepositMark;
  } catch {
    return undefined;
  }
}

/** Undefined where there is none, or none that can be read. */
export async function readMark(marks: string, callSid: string): Promise<DepositMark | undefined> {
  try {
    return JSON.parse(await readFile(markPath(marks, callSid), 'utf8')) as DepositMark;
  } catch {
    return undefined;
  }
}

/** Resolves when the mark is on disk, for a file is removed because of it. */
export async function writeMark(
  where: { readonly marks: string; readonly aside: string },
  callSid: string,
  mark: DepositMark,
): Promise<void> {
  const unfinished = path.join(where.aside, `${callSid}.mark.${randomUUID()}`);
  await replaceDurably(markPath(where.marks, callSid), unfinished, `${JSON.stringify(mark)}\n`);
}

export function removeMark(marks: string, callSid: string): Promise<void> {
  return rm(markPath(marks, callSid), { force: true });
}
