import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { replaceDurably } from '../storage/durable-file.ts';
import type { CallFile } from './call-entry.ts';

/** What the store was proved to hold of a call. It can be made again: whatever it says is checked when it is lost. */
export interface UploadReceipt {
  readonly version: 1;
  /** `s3://bucket/prefix` */
  readonly store: string;
  /** The `.json` as it was found on disk; another one since then has not been deposited. */
  readonly json: { readonly sha256: string; readonly modifiedMs: number; readonly sizeBytes: number };
  readonly files: readonly CallFile[];
}

/** The marks are apart from the `.json` files, so that nobody but their writers ever changes those. */
function receiptPath(receipts: string, callSid: string): string {
  return path.join(receipts, `${callSid}.json`);
}

/** Blocks; for threads. */
export function readReceiptSync(receipts: string, callSid: string): UploadReceipt | undefined {
  try {
    return JSON.parse(readFileSync(receiptPath(receipts, callSid), 'utf8')) as UploadReceipt;
  } catch {
    return undefined;
  }
}

/** Undefined where there is none, or none that can be read. */
export async function readReceipt(receipts: string, callSid: string): Promise<UploadReceipt | undefined> {
  try {
    return JSON.parse(await readFile(receiptPath(receipts, callSid), 'utf8')) as UploadReceipt;
  } catch {
    return undefined;
  }
}

/** Resolves when the mark is on disk, for a file is removed because of it. */
export async function writeReceipt(
  where: { readonly receipts: string; readonly temporary: string },
  callSid: string,
  mark: UploadReceipt,
): Promise<void> {
  const unfinished = path.join(where.temporary, `${callSid}.mark.${randomUUID()}`);
  await replaceDurably(receiptPath(where.receipts, callSid), unfinished, `${JSON.stringify(mark)}\n`);
}

export function removeReceipt(receipts: string, callSid: string): Promise<void> {
  return rm(receiptPath(receipts, callSid), { force: true });
}
