import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { locateFile } from '../../src/app/file-location.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import type { AudioFormat } from '../../src/audio/formats/formats.ts';
import { entryFromFiles } from '../../src/catalogue/entry-from-files.ts';
import { S3Store } from '../../src/object-store/s3/s3-store.ts';
import type { UploadDecision, UploadPermit } from '../../src/object-store/upload-permit.ts';
import { type UploadFailure, UploadQueue, type UploadSuccess } from '../../src/object-store/upload-queue.ts';
import { type CallRecord, readCallRecord, uploadedUrls } from '../../src/records/call-record.ts';
import { writeCallFiles } from '../../src/records/write-call-files.ts';
import { readReceipt } from '../../src/records/upload-receipt.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { TOLD_AT_MS, TOLD_SID, ToldCall, usualCall } from '../records/told-call.ts';
import { comesTrue } from '../support/comes-true.ts';
import { BUCKET, ObjectStore } from '../support/object-store.ts';
import { ownFolder } from '../support/own-folder.ts';

const STORE = `s3://${BUCKET}/calls`;
/** The depositor's minutes pass in a fraction of a second. */
const TIMES_FASTER = 200;

let own: ReturnType<typeof ownFolder>;
let directories: DataDirectory;
let server: ObjectStore;
let store: S3Store;
let news: (UploadSuccess | UploadFailure)[];
const working: UploadQueue[] = [];

beforeEach(async () => {
  own = ownFolder();
  directories = new DataDirectory(path.join(own.path, 'responses'));
  mkdirSync(path.join(own.path, 'server'));
  server = await ObjectStore.start(path.join(own.path, 'server'));
  store = new S3Store(
    {
      url: STORE,
      bucket: BUCKET,
      endpoint: server.endpoint,
      key: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
      forcePathStyle: true,
      presignedSeconds: 60,
    },
    directories.uploads,
  );
  news = [];
});

afterEach(async () => {
  await Promise.all(working.splice(0).map((depositor) => depositor.stop()));
  store.close();
  await server.stop();
  own[Symbol.dispose]();
});

function depositorOf(permit?: UploadPermit): UploadQueue {
  const depositor = new UploadQueue({
    store,
    directories,
    permit,
    clock: {
      now: () => performance.now() * TIMES_FASTER,
      sleep: (ms, signal) => systemClock.sleep(ms / TIMES_FASTER, signal),
    },
    observer: { uploaded: (one) => news.push(one), failed: (one) => news.push(one) },
  });
  working.push(depositor);
  return depositor;
}

async function finished(call: ToldCall = usualCall(), to = STORE): Promise<CallRecord> {
  const files = await writeCallFiles(() => call.events, {
    directory: directories.recordings,
    temporary: directories.temporary,
    receipts: directories.receipts,
    ...(to && { store: to }),
    channels: 'mono',
    sampleRateHz: 'auto',
    mp3Bitrate: 128,
    mp3Engine: 'wasm',
  });
  return files.json;
}

const here = (name: string): string => path.join(directories.recordings, name);
const recordingHere = (format: AudioFormat = 'wav') => here(`call_${TOLD_SID}_conversation.${format}`);
const jsonHere = () => here(`call_${TOLD_SID}.json`);
const shaOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const stored = () => news.filter(({ kind }) => kind === 'stored').length;
const errors = () => news.filter(({ kind }) => kind === 'transient').length;
const isStored = (times = 1) => comesTrue('the store has the call', () => stored() === times);
const names = ['.json', '.txt', '_conversation.wav', '_summary.txt'].map((end) => `call_${TOLD_SID}${end}`);
const puts = () =>
  server.proxy.seen
    .filter(({ method }) => method === 'PUT')
    .map(({ url }) => path.basename(url.split('?')[0]!));

describe('a finished call with a store', () => {
  test('is uploaded with all its files; its recording leaves the directory, texts and .json stay', async () => {
    const json = await finished();
    const sound = readFileSync(recordingHere());
    depositorOf().upload(TOLD_SID);
    await isStored();
    expect(server.keys('calls')).toEqual(names);
    expect(server.bytes(`calls/${names[2]}`)!.equals(sound)).toBe(true);
    for (const name of [names[0], names[1], names[3]])
      expect(server.bytes(`calls/${name}`)).toEqual(readFileSync(here(name!)));
    expect(existsSync(recordingHere())).toBe(false);
    expect(json.audio).toMatchObject({ sha256: shaOf(sound), url: `${STORE}/${names[2]}` });
    expect(uploadedUrls(json).sort()).toEqual(names.map((name) => `${STORE}/${name}`));
  });

  test('is read from the directory until then, and by a link afterwards', async () => {
    await finished();
    const place = async () => {
      const [recording] = entryFromFiles(directories.recordings, TOLD_SID)!.files;
      return (await locateFile(recording!, directories.recordings, store))!;
    };
    expect(await place()).toEqual({ path: recordingHere() });
    const sound = readFileSync(recordingHere());
    depositorOf().upload(TOLD_SID);
    await isStored();
    const { url } = (await place()) as { url: string };
    const answer = await fetch(url, { headers: { range: 'bytes=0-99' } });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-type')).toBe('audio/wav');
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(sound.subarray(0, 100));
    const [recording] = entryFromFiles(directories.recordings, TOLD_SID)!.files;
    expect(await locateFile(recording!, directories.recordings, undefined)).toBeUndefined();
  });

  test('names the location of the recording in its summary', async () => {
    await finished();
    const summary = readFileSync(here(names[3]!), 'utf8');
    expect(summary).toContain(`Audio File: ${names[2]}\nFull Path: ${STORE}/${names[2]}\n`);
  });

  test('has its recording uploaded first and its .json last', async () => {
    await finished();
    depositorOf().upload(TOLD_SID);
    await isStored();
    expect(puts()).toEqual([names[2], names[1], names[3], names[0]]);
  });

  test('keeps all files in the directory while the store is down, and is uploaded afterwards', async () => {
    await server.goDown();
    await finished();
    depositorOf().upload(TOLD_SID);
    await comesTrue('it was tried more than once', () => errors() > 1);
    for (const name of names) expect(existsSync(here(name))).toBe(true);
    await server.comeBack();
    await isStored();
    expect(server.keys('calls')).toEqual(names);
    expect(existsSync(recordingHere())).toBe(false);
  });

  test('keeps its recording in the directory until the store has the same file', async () => {
    server.proxy.harm = ({ method, url }) =>
      method === 'PUT' && url.includes('conversation') ? 'corrupt' : undefined;
    await finished();
    const sound = readFileSync(recordingHere());
    const depositor = depositorOf();
    depositor.upload(TOLD_SID);
    await comesTrue('it was tried more than once', () => errors() > 1);
    expect(readFileSync(recordingHere()).equals(sound)).toBe(true);
    expect(depositor.waiting).toBe(1);
    server.proxy.harm = () => undefined;
    await isStored();
    expect(server.bytes(`calls/${names[2]}`)!.equals(sound)).toBe(true);
  });

  test('is uploaded by the next process, from the state on disk alone', async () => {
    await finished();
    const depositor = depositorOf();
    await depositor.resume();
    await isStored();
    expect(await depositor.attempted()).toBe(0);
    const next = depositorOf();
    server.proxy.seen.length = 0;
    await next.resume();
    expect(next.waiting).toBe(0);
    expect(server.proxy.seen).toEqual([]);
  });

  test('is replaced in the store by late texts, except the recording, which is uploaded once', async () => {
    const call = usualCall();
    const before = await finished(call);
    const depositor = depositorOf();
    depositor.upload(TOLD_SID);
    await isStored();
    server.proxy.seen.length = 0;
    call.tell({ kind: 'text', atMs: TOLD_AT_MS + 90_000, turn: 2, text: 'Only Saturday.' });
    const after = await finished(call);
    expect(after.audio).toEqual(before.audio);
    expect(existsSync(recordingHere())).toBe(false);
    depositor.upload(TOLD_SID);
    await isStored(2);
    expect(puts().sort()).toEqual([names[0], names[1], names[3]]);
    expect(server.bytes(`calls/${names[1]}`)!.toString()).toContain('Only Saturday.');
    expect(server.bytes(`calls/${names[0]}`)).toEqual(readFileSync(jsonHere()));
  });

  test('is uploaded again if its .json was changed, also without a notification', async () => {
    await finished();
    depositorOf().upload(TOLD_SID);
    await isStored();
    writeFileSync(
      jsonHere(),
      readFileSync(jsonHere(), 'utf8').replace('"pending"', '"notes": [], "pending"'),
    );
    await depositorOf().resume();
    await isStored(2);
    expect(server.bytes(`calls/${names[0]}`)).toEqual(readFileSync(jsonHere()));
  });

  test('is not uploaded again because a copy of the directory has other file times', async () => {
    await finished();
    depositorOf().upload(TOLD_SID);
    await isStored();
    server.proxy.seen.length = 0;
    utimesSync(jsonHere(), 1, 1);
    await depositorOf().resume();
    await isStored(2);
    expect(server.proxy.seen).toEqual([]);
  });

  test('is found in the store if its receipt was lost', async () => {
    await finished();
    depositorOf().upload(TOLD_SID);
    await isStored();
    rmSync(directories.receipts, { recursive: true });
    server.proxy.seen.length = 0;
    await depositorOf().resume();
    await isStored(2);
    expect(puts()).toEqual([]);
    expect((await readReceipt(directories.receipts, TOLD_SID))!.files).toHaveLength(4);
  });

  test('is not reported as stored if its recording is missing everywhere', async () => {
    await finished();
    rmSync(recordingHere());
    depositorOf().upload(TOLD_SID);
    await comesTrue('it was told', () => errors() > 0);
    expect(String((news[0] as { error: unknown }).error)).toContain('neither here nor in the store');
    expect(await readReceipt(directories.receipts, TOLD_SID)).toBeUndefined();
  });

  test('loses a stored recording in a format that is no longer configured', async () => {
    const call = usualCall({ format: 'wav' });
    await finished(call);
    const depositor = depositorOf();
    depositor.upload(TOLD_SID);
    await isStored();
    call.tell({ kind: 'format', atMs: TOLD_AT_MS + 15_000, format: 'ogg' });
    await finished(call);
    depositor.upload(TOLD_SID);
    await isStored(2);
    expect(server.keys('calls').filter((name) => name.includes('conversation'))).toEqual([
      `call_${TOLD_SID}_conversation.ogg`,
    ]);
  });

  test('leaves nothing in the store when it is erased during its upload', async () => {
    await finished();
    server.proxy.harm = ({ method, url }) => {
      if (method === 'PUT' && url.includes('summary'))
        for (const name of names) rmSync(here(name), { force: true });
      return undefined;
    };
    const depositor = depositorOf();
    depositor.upload(TOLD_SID);
    expect(await depositor.attempted()).toBe(0);
    expect(puts().length).toBeGreaterThan(1);
    expect(server.keys('calls')).toEqual([]);
    expect(await readReceipt(directories.receipts, TOLD_SID)).toBeUndefined();
  });

  test('without a recording has its texts in the store', async () => {
    await finished(usualCall({ recorded: false }));
    depositorOf().upload(TOLD_SID);
    await isStored();
    expect(server.keys('calls')).toEqual(names.filter((name) => !name.includes('conversation')));
  });

  test('of 0 s is in the store with its empty transcript', async () => {
    await finished(new ToldCall().ends(0));
    depositorOf().upload(TOLD_SID);
    await isStored();
    expect(server.bytes(`calls/${names[1]}`)).toEqual(Buffer.alloc(0));
  });
});

describe('UploadQueue', () => {
  test('leaves calls in the directory that were finished without a store', async () => {
    const json = await finished(usualCall(), '');
    expect(json.store).toBeUndefined();
    const depositor = depositorOf();
    await depositor.resume();
    expect(await depositor.attempted()).toBe(0);
    expect(server.keys('calls')).toEqual([]);
    expect(existsSync(recordingHere())).toBe(true);
  });

  test('continues after a file that cannot be uploaded', async () => {
    await finished();
    writeFileSync(recordingHere(), 'damaged');
    const depositor = depositorOf();
    depositor.upload(TOLD_SID);
    await comesTrue('it was told', () => errors() > 0);
    const other = 'CAffffffffffffffffffffffffffffffff';
    const json = readFileSync(jsonHere(), 'utf8').replaceAll(TOLD_SID, other);
    for (const name of [names[1], names[3]])
      writeFileSync(here(name!.replace(TOLD_SID, other)), readFileSync(here(name!)));
    writeFileSync(
      here(`call_${other}.json`),
      JSON.stringify({ ...(JSON.parse(json) as CallRecord), audio: null }),
    );
    depositor.upload(other);
    await comesTrue('the other one is there', () =>
      news.some((one) => one.kind === 'stored' && one.callSid === other),
    );
    expect(readCallRecord(directories.recordings, TOLD_SID)).toBeDefined();
  });

  test('retries with backoff while the store fails', async () => {
    await server.goDown();
    await finished();
    depositorOf().upload(TOLD_SID);
    await comesTrue('it was tried four times', () => errors() >= 4);
    const waits = news.flatMap((one) => (one.kind === 'transient' ? Math.round(one.retryMs / 1_000) : []));
    expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
  });

  test('stops within a limit while the store does not answer, and the next process continues', async () => {
    await finished();
    server.proxy.harm = () => 'stall';
    const depositor = depositorOf();
    depositor.upload(TOLD_SID);
    await comesTrue('the store was asked', () => server.proxy.seen.length > 0);
    const startedAtMs = performance.now();
    await depositor.stop();
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
    expect(existsSync(recordingHere())).toBe(true);
    server.proxy.harm = () => undefined;
    await depositorOf().resume();
    await isStored();
  });
});

describe('a call of which another machine may have stored its own files', () => {
  /** Answers in this order, the last one again and again. */
  function permitOf(...decisions: UploadDecision[]): UploadPermit & { readonly asked: boolean[] } {
    const asked: boolean[] = [];
    return {
      asked,
      mayUpload: (_callSid, wasStored) =>
        Promise.resolve(decisions[Math.min(asked.push(wasStored), decisions.length) - 1]!),
    };
  }

  test('is not uploaded, and does not wait any more', async () => {
    await finished();
    const depositor = depositorOf(permitOf('taken'));
    await depositor.resume();
    expect(await depositor.attempted()).toBe(0);
    expect(puts()).toEqual([]);
    expect(existsSync(recordingHere())).toBe(true);
  });

  test('that has been taken during its upload gets no further file from here', async () => {
    await finished();
    const depositor = depositorOf(permitOf('upload', 'taken'));
    depositor.upload(TOLD_SID);
    expect(await depositor.attempted()).toBe(0);
    expect(puts()).toHaveLength(1);
    expect(news).toEqual([]);
  });

  test('is not sent again after a failure, if it has been taken meanwhile', async () => {
    await finished();
    server.proxy.harm = ({ method }) => (method === 'PUT' ? { status: 500 } : undefined);
    const depositor = depositorOf(permitOf('upload', 'taken'));
    depositor.upload(TOLD_SID);
    expect(await depositor.attempted()).toBe(0);
    expect(puts()).toHaveLength(1);
    expect(news).toEqual([]);
  });

  test('waits while that is not known, without an error of the store', async () => {
    await finished();
    const permit = permitOf('later', 'upload');
    depositorOf(permit).upload(TOLD_SID);
    await isStored();
    expect(errors()).toBe(0);
    expect(permit.asked).toEqual([false, false, false, false, false]);
  });
});
