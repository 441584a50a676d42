import { createHash, randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { CallFile } from '../records/call-entry.ts';
import { type CallRecord, jsonText, readCallRecord } from '../records/call-record.ts';
import { writeReceipt } from '../records/upload-receipt.ts';
import { replaceDurably } from '../storage/durable-file.ts';
import { callRecordName } from '../storage/file-names.ts';
import type { UploadDirectories } from './upload-call.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * Writes the texts and the `.json` of a call that another process has stored to this directory, with a receipt as if they had been uploaded from here. Notes and
 * hold that the call has here stay; resolves with true if it has any, which the store lacks then. Rejects if the store or the disk fails.
 */
export async function downloadTexts(
  callSid: string,
  store: Pick<ObjectStore, 'url' | 'read'>,
  directories: UploadDirectories,
): Promise<boolean> {
  const { recordings, temporary } = directories;
  const name = callRecordName(callSid);
  const stored = await textAt(store, `${store.url}/${name}`);
  const json = JSON.parse(stored) as CallRecord;
  const write = (file: string, text: string): Promise<void> =>
    replaceDurably(path.join(recordings, file), path.join(temporary, `${file}.${randomUUID()}`), text);
  const fileOf = (kind: CallFile['kind'], file: string, text: string): CallFile => ({
    kind,
    name: file,
    url: `${store.url}/${file}`,
    ...contentOf(text),
  });
  const files: CallFile[] = [];
  if (json.audio) {
    const { file, sizeBytes, sha256 } = json.audio;
    files.push({ kind: 'recording', name: file, url: `${store.url}/${file}`, sizeBytes, sha256 });
  }
  for (const kind of ['transcript', 'summary'] as const) {
    const file = json.files[kind];
    const text = await textAt(store, `${store.url}/${file}`);
    await write(file, text);
    files.push(fileOf(kind, file, text));
  }
  files.push(fileOf('json', name, stored));
  const { notes, hold } = readCallRecord(recordings, callSid) ?? {};
  const hasAnnotations = notes !== undefined || hold !== undefined;
  await write(name, hasAnnotations ? jsonText({ ...json, notes, hold }) : stored);
  const { mtimeMs: modifiedMs } = await stat(path.join(recordings, name));
  const receipt = {
    version: 1,
    store: store.url,
    json: { ...contentOf(stored), modifiedMs },
    files,
  } as const;
  await writeReceipt(directories, callSid, receipt);
  return hasAnnotations;
}

async function textAt(store: Pick<ObjectStore, 'read'>, url: string): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of store.read(url)) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

function contentOf(text: string): { sizeBytes: number; sha256: string } {
  return { sizeBytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
}
