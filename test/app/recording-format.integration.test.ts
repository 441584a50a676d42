import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { comesTrue } from '../support/comes-true.ts';
import { RawStream } from '../support/raw-stream.ts';
import { Offhook } from '../support/test-server.ts';

let here: Offhook;
let beside: Offhook;

beforeAll(async () => {
  here = await Offhook.start({}, { catalogue: true });
  beside = await Offhook.start({ RECORDINGS_DIRECTORY: here.directory });
});
afterAll(async () => {
  await beside.close();
  await here.close();
});

const answerOf = async (answer: Response): Promise<unknown> => {
  const { detail } = (await answer.json()) as { detail?: string };
  return [answer.status, detail];
};

test('setting the format of a call that another process holds is refused with that reason', async () => {
  const callSid = newSid('CA');
  expect((await here.setFormat(callSid, 'flac')).status).toBe(404);
  const stream = await RawStream.open(here, {});
  stream.start(callSid);
  stream.frames(50);
  await comesTrue('the call is live', async () => (await here.setFormat(callSid, 'flac')).status === 200);
  const elsewhere = [409, 'Another process has the call; only that one can choose its format.'];
  await comesTrue(
    'its journal is there',
    async () => (await beside.setFormat(callSid, 'wav')).status === 409,
  );
  expect(await answerOf(await beside.setFormat(callSid, 'wav'))).toEqual(elsewhere);
  stream.stop(callSid);
  expect((await here.finished(callSid)).json.audio?.format).toBe('flac');
  expect((await beside.setFormat(callSid, 'wav')).status).toBe(409);
});

test('setting the format of a call on another machine, known from the catalogue, is refused with that reason', async () => {
  const DATABASE_URL = `sqlite:${here.fileOf('.offhook/catalogue.db')}`;
  const far = await Offhook.start({ DATABASE_URL }, { catalogue: true });
  try {
    const callSid = newSid('CA');
    const stream = await RawStream.open(here, {});
    stream.start(callSid);
    stream.frames(50);
    await comesTrue('it is known there', async () => (await far.setFormat(callSid, 'wav')).status === 409);
    expect(await answerOf(await far.setFormat(callSid, 'wav'))).toEqual([
      409,
      'Another process has the call; only that one can choose its format.',
    ]);
    stream.stop(callSid);
    await here.finished(callSid);
  } finally {
    await far.close();
  }
});
