import { createHash } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { describeFormat } from '../audio/formats/formats.ts';
import type { CallFile } from '../records/call-entry.ts';
import { type CallRecord, uploadedUrls } from '../records/call-record.ts';
import { type UploadReceipt, readReceipt, removeReceipt, writeReceipt } from '../records/upload-receipt.ts';
import type { WrittenFile } from '../storage/durable-file.ts';
import { callRecordName } from '../storage/file-names.ts';
import type { ObjectStore } from './object-store.ts';
import { type UploadDecision, type UploadPermit, UploadRefused } from './upload-permit.ts';

/** The directories of an upload. Absolute. */
export interface UploadDirectories {
  readonly recordings: string;
  readonly temporary: string;
  readonly receipts: string;
}

/**
 * The result of an upload. `here`: the call's files stay in the directory. `gone`: the call was erased meanwhile. `taken`, `later`: the call
 * is not this machine's, or that is not known.
 */
export type UploadResult = 'stored' | 'already stored' | 'here' | 'gone' | Exclude<UploadDecision, 'upload'>;

/** Between what an upload takes place. */
export interface UploadEnds {
  readonly store: ObjectStore;
  readonly directories: UploadDirectories;
  /** Asked before each request that writes. Undefined: this machine alone uses the store. */
  readonly permit?: UploadPermit | undefined;
}

interface FoundRecord {
  readonly json: CallRecord;
  readonly found: UploadReceipt['json'];
}

interface Destination {
  readonly place: string;
  readonly store: ObjectStore;
  readonly signal: AbortSignal;
  /** Rejects if nothing may be written. */
  readonly ask: () => Promise<void>;
}

interface Sending {
  readonly kind: CallFile['kind'];
  readonly contentType: string;
  readonly file: WrittenFile;
}

/**
 * Uploads one finished call: each file is verified, the `.json` comes last, then the receipt is written, and only then the
 * recording is removed from the directory. Texts and `.json` stay: they are small, users and programs look for them
 * there, and the `.json` marks a finished call. May be repeated at any point.
 */
export async function uploadCall(
  callSid: string,
  ends: UploadEnds,
  signal: AbortSignal,
): Promise<UploadResult> {
  const { store, directories } = ends;
  const read = await readJson(directories, callSid);
  if (!read) return 'gone';
  const { json, found } = read;
  if (json.store === undefined) return 'here';
  const receipt = await readReceipt(directories.receipts, callSid);
  const recording = json.audio && path.join(directories.recordings, json.audio.file);
  const inode = recording ? await inodeOf(recording) : undefined;
  const isSent = receipt?.json.sha256 === found.sha256 && receipt.store === json.store;
  if (isSent && receipt.json.modifiedMs === found.modifiedMs && inode === undefined) return 'already stored';
  const files = isSent ? receipt.files : await sendAll(read, ends, receipt, signal);
  if (typeof files === 'string') return files;
  if (!(await isThere(directories, callSid))) return forget(json, ends, signal);
  await writeReceipt(directories, callSid, { version: 1, store: json.store, json: found, files });
  if (!(await isThere(directories, callSid))) return forget(json, ends, signal);
  await removeOutdated(receipt?.files ?? [], files, store);
  // A different file is a new recording, which is uploaded with its own `.json`.
  if (recording && inode !== undefined && (await inodeOf(recording)) === inode)
    await rm(recording, { force: true });
  return 'stored';
}

/** Removes recordings of earlier uploads in another format. */
async function removeOutdated(
  before: readonly CallFile[],
  now: readonly CallFile[],
  store: ObjectStore,
): Promise<void> {
  for (const { url } of before)
    if (url !== undefined && !now.some((file) => file.url === url)) await store.remove(url);
}

/** Empty if the call was erased meanwhile. */
async function sendAll(
  { json, found }: FoundRecord,
  { store, directories, permit }: UploadEnds,
  receipt: UploadReceipt | undefined,
  signal: AbortSignal,
): Promise<CallFile[] | Exclude<UploadDecision, 'upload'>> {
  const files: CallFile[] = [];
  const ask = async (): Promise<void> => {
    const decision = (await permit?.mayUpload(json.callSid, receipt !== undefined)) ?? 'upload';
    if (decision !== 'upload') throw new UploadRefused(decision);
  };
  const to: Destination = { place: `${json.store}`, store, signal, ask };
  try {
    for (const sending of await sendings(json, found, directories))
      files.push(await send(sending, to, receipt));
  } catch (error) {
    if (error instanceof UploadRefused) return error.decision;
    if (signal.aborted || (await isThere(directories, json.callSid))) throw error;
  }
  return files;
}

/**
 * The call was erased during its upload: removes everything of it from the store. Rejects if the upload was given up: then the files may have
 * been removed because another process writes them.
 */
async function forget(
  json: CallRecord,
  { store, directories, permit }: UploadEnds,
  signal: AbortSignal,
): Promise<UploadResult> {
  signal.throwIfAborted();
  const decision = await permit?.mayUpload(json.callSid, true);
  if (decision !== undefined && decision !== 'upload') return decision;
  for (const url of uploadedUrls(json)) await store.remove(url);
  await removeReceipt(directories.receipts, json.callSid);
  return 'gone';
}

async function isThere(directories: UploadDirectories, callSid: string): Promise<boolean> {
  return (await inodeOf(path.join(directories.recordings, callRecordName(callSid)))) !== undefined;
}

async function sendings(
  json: CallRecord,
  found: UploadReceipt['json'],
  directories: UploadDirectories,
): Promise<Sending[]> {
  const at = (name: string): string => path.join(directories.recordings, name);
  const text = async (kind: CallFile['kind'], name: string): Promise<Sending> => ({
    kind,
    contentType: 'text/plain; charset=utf-8',
    file: { path: at(name), ...contentOf(await readFile(at(name))) },
  });
  const sent: Sending[] = [];
  if (json.audio) {
    const { file, sizeBytes, sha256, format } = json.audio;
    const { contentType } = describeFormat(format);
    sent.push({ kind: 'recording', contentType, file: { path: at(file), sizeBytes, sha256 } });
  }
  sent.push(await text('transcript', json.files.transcript), await text('summary', json.files.summary));
  const file = { path: at(callRecordName(json.callSid)), sizeBytes: found.sizeBytes, sha256: found.sha256 };
  sent.push({ kind: 'json', contentType: 'application/json', file });
  return sent;
}

async function send(
  { kind, contentType, file }: Sending,
  { place, store, signal, ask }: Destination,
  receipt: UploadReceipt | undefined,
): Promise<CallFile> {
  const { sizeBytes, sha256 } = file;
  const name = path.basename(file.path);
  const url = `${place}/${name}`;
  const sent = { kind, name, sizeBytes, sha256, url };
  if (receipt?.files.some((one) => one.url === url && one.sha256 === sha256)) return sent;
  if ((await inodeOf(file.path)) !== undefined) await store.put(url, file, contentType, signal, ask);
  // The receipt was lost after the recording was removed.
  else if (!(await store.holds(url, file, signal)))
    throw new Error(`${name} is neither here nor in the store`);
  return sent;
}

async function readJson(directories: UploadDirectories, callSid: string): Promise<FoundRecord | undefined> {
  const target = path.join(directories.recordings, callRecordName(callSid));
  try {
    // In this order: a file that is replaced in between is detected as changed the next time.
    const { mtimeMs } = await stat(target);
    const bytes = await readFile(target);
    const json = JSON.parse(bytes.toString('utf8')) as CallRecord;
    return { json, found: { ...contentOf(bytes), modifiedMs: mtimeMs } };
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

function contentOf(bytes: Uint8Array): { sizeBytes: number; sha256: string } {
  return { sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

async function inodeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).ino;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
