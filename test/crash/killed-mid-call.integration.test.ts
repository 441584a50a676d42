import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readJournal } from '../../src/journal/journal-reader.ts';
import type { CallRecord } from '../../src/records/call-record.ts';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { comesTrue } from '../support/comes-true.ts';
import { fileIsThere } from '../support/file-appears.ts';
import { RawStream, Webhooks } from '../support/raw-stream.ts';
import { readJson } from './kept-sound.ts';
import { type Ground, makeGround } from './own-server.ts';
import type { ServerProcess } from './server-process.ts';

const FRAMES = 100;
const FRAME_MS = 20;

let ground: Ground;

beforeAll(async () => {
  ground = await makeGround();
});

afterAll(() => ground.clear());

const addressOf = ({ baseUrl }: ServerProcess) => ({ url: baseUrl, signedAddress: { baseUrl } });

/** Frames of the call on disk; a record that is being written is not counted. */
function framesOnDisk(callSid: string): number {
  const [name] = ground.state('journals').filter((one) => one.startsWith(callSid));
  if (name === undefined) return 0;
  const file = path.join(ground.folder, '.offhook', 'journals', name);
  return [...readJournal(file)].filter(({ kind }) => kind === 'caller').length;
}

/** Calls the server and sends frames, which are on disk when this resolves. */
async function call(server: ServerProcess, callSid: string): Promise<RawStream> {
  const offhook = addressOf(server);
  const { token } = await new Webhooks(offhook).ring(callSid);
  const stream = await RawStream.open(offhook);
  stream.start(callSid, token);
  stream.frames(FRAMES);
  await stream.read();
  await comesTrue('the frames are on disk', () => framesOnDisk(callSid) === FRAMES);
  return stream;
}

/** The length of the recording. */
function recordedMs({ audio }: CallRecord): number {
  return Math.round((audio!.frames / audio!.sampleRateHz) * 1_000);
}

async function kill(server: ServerProcess): Promise<void> {
  server.kill();
  expect(await server.ended).toBe('SIGKILL');
}

test('a call whose server is killed is finished by the next server when Twilio reports its end', async () => {
  const callSid = newSid('CA');
  const first = await ground.start();
  await call(first, callSid);
  await kill(first);
  expect(ground.state('journals')).toHaveLength(1);

  const second = await ground.start();
  await new Webhooks(addressOf(second)).completed(callSid);
  await fileIsThere(path.join(ground.folder, `call_${callSid}.json`));
  const record = readJson(ground.folder, callSid);
  expect(record.durationMs).toBe(FRAMES * FRAME_MS);
  expect(recordedMs(record)).toBe(record.durationMs);
  for (const name of [record.files.transcript, record.files.summary])
    expect(readFileSync(path.join(ground.folder, name), 'utf8')).toBeDefined();
  await comesTrue('its journal is gone', () => ground.state('journals').length === 0);
  second.signal('SIGTERM');
  expect(await second.ended).toBe(0);
});

test('a call whose server is killed continues on the next server, and has one recording of both parts', async () => {
  const callSid = newSid('CA');
  const first = await ground.start();
  await call(first, callSid);
  await kill(first);

  const second = await ground.start();
  const offhook = addressOf(second);
  const webhooks = new Webhooks(offhook);
  const { token } = await webhooks.continued(callSid);
  const stream = await RawStream.open(offhook);
  stream.start(callSid, token);
  stream.frames(FRAMES);
  await stream.read();
  await comesTrue('both parts are on disk', () => framesOnDisk(callSid) === 2 * FRAMES);
  stream.stop(callSid);
  await webhooks.completed(callSid);
  await fileIsThere(path.join(ground.folder, `call_${callSid}.json`));
  const record = readJson(ground.folder, callSid);
  expect(record.streams.map(({ lengthMs }) => lengthMs)).toEqual([FRAMES * FRAME_MS, FRAMES * FRAME_MS]);
  expect(record.figures.framesReceived).toBe(2 * FRAMES);
  // The second stream begins at a fraction of a millisecond, so both numbers are rounded.
  expect(Math.abs(recordedMs(record) - record.durationMs)).toBeLessThanOrEqual(1);
  second.signal('SIGTERM');
  expect(await second.ended).toBe(0);
});
