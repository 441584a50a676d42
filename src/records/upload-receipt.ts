import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { replaceDurably } from '../storage/durable-file.ts';
import type { CallFile } from './call-entry.ts';

/** The files of a call that the object store was verified to hold. If it is lost, the files are verified again. */
export interface UploadReceipt {
  readonly version: 1;
  /** `s3://bucket/prefix` */
  readonly store: string;
  /** The `.json` as it was on disk; a different one has not been uploaded. */
  readonly json: { readonly sha256: string; readonly modifiedMs: number; readonly sizeBytes: number };
  readonly files: readonly CallFile[];
}

/** Receipts are separate files, so that an upload never changes a `.json`. */
function receiptPath(receipts: string, callSid: string): string {
  return path.join(receipts, `${callSid}.json`);
}

/** Blocks; for worker threads. */
export function readReceiptSync(receipts: string, callSid: string): UploadReceipt | undefined {
  try {
    return JSON.parse(readFileSync(receiptPath(receipts, callSid), 'utf8')) as UploadReceipt;
  } catch {
    return undefined;
  }
}

/** Undefined if there is no readable receipt. */
export async function readReceipt(receipts: string, callSid: string): Promise<UploadReceipt | undefined> {
  try {
    return JSON.parse(await readFile(receiptPath(receipts, callSid), 'utf8')) as UploadReceipt;
  } catch {
    return undefined;
  }
}

/** Resolves when the receipt is synced to disk, because a file is removed afterwards. */
export async function writeReceipt(
  where: { readonly receipts: string; readonly temporary: string },
  callSid: string,
  receipt: UploadReceipt,
): Promise<void> {
  const unfinished = path.join(where.temporary, `${callSid}.mark.${randomUUID()}`);
  await replaceDurably(receiptPath(where.receipts, callSid), unfinished, `${JSON.stringify(receipt)}\n`);
}

export function removeReceipt(receipts: string, callSid: string): Promise<void> {
  return rm(receiptPath(receipts, callSid), { force: true });
}
