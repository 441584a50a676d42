import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readReceipt } from '../records/upload-receipt.ts';
import { callRecordName } from '../storage/file-names.ts';
import type { UploadDirectories } from './upload-call.ts';

/** Whether the receipt of a call matches its `.json`, and its recording has left the directory. */
export async function isUploaded(
  callSid: string,
  { recordings, receipts }: Pick<UploadDirectories, 'recordings' | 'receipts'>,
): Promise<boolean> {
  const receipt = await readReceipt(receipts, callSid);
  const record = await stat(path.join(recordings, callRecordName(callSid))).catch(() => undefined);
  if (!record) return true;
  if (receipt?.json.modifiedMs !== record.mtimeMs || receipt.json.sizeBytes !== record.size) return false;
  const recording = receipt.files.find(({ kind }) => kind === 'recording');
  const left = recording && (await stat(path.join(recordings, recording.name)).catch(() => undefined));
  return left === undefined;
}
