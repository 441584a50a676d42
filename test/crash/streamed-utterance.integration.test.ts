import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FRAME_SAMPLES } from '../../src/audio/telephone.ts';
import { readJournal } from '../../src/journal/journal-reader.ts';
import { recordedSpeechOf } from '../../src/simulator/fixtures/recorded-speech.ts';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { RealtimeServer } from '../doubles/realtime/realtime-server.ts';
import { comesTrue } from '../support/comes-true.ts';
import { fileIsThere } from '../support/file-appears.ts';
import { RawStream, Webhooks } from '../support/raw-stream.ts';
import { readJson } from './kept-sound.ts';
import { type Ground, makeGround } from './own-server.ts';
import type { ServerProcess } from './server-process.ts';

const SPEECH = recordedSpeechOf('caller-i-would-like-to-ask');
/** Frames of silence that end the turn. */
const END_FRAMES = 100;

let ground: Ground;
let realtime: RealtimeServer;

beforeAll(async () => {
  ground = await makeGround();
  // The server takes each utterance, and never gives its text.
  realtime = await RealtimeServer.start({ transcribe: (item) => item.committed() });
});

afterAll(async () => {
  await ground.clear();
  await realtime.close();
});

const addressOf = ({ baseUrl }: ServerProcess) => ({ url: baseUrl, signedAddress: { baseUrl } });
const start = () =>
  ground.start({
    TRANSCRIPTION_ENGINE: 'realtime',
    REALTIME_BASE_URL: realtime.baseUrl.replace('http', 'ws'),
    SPEECH_ENGINE: 'http',
    SERVICE_CHECK_MINUTES: '0',
    EAGER_REPLIES: 'off',
  });

/** Whether the end of the utterance is on disk, and no text. */
function endsWithoutText(callSid: string): boolean {
  const [name] = ground.state('journals').filter((one) => one.startsWith(callSid));
  if (name === undefined) return false;
  const kinds = [...readJournal(path.join(ground.folder, '.offhook', 'journals', name))].map(
    ({ kind }) => kind,
  );
  return kinds.includes('utterance') && !kinds.includes('text');
}

test('an utterance whose text was still to come by the stream when the server was killed is sent as a whole by the next one', async () => {
  const callSid = newSid('CA');
  const first = await start();
  const offhook = addressOf(first);
  const { token } = await new Webhooks(offhook).ring(callSid);
  const stream = await RawStream.open(offhook);
  stream.start(callSid, token);
  stream.frames(25);
  for (let at = 0; at < SPEECH.mulaw.length; at += FRAME_SAMPLES)
    stream.sound(SPEECH.mulaw.subarray(at, at + FRAME_SAMPLES));
  stream.frames(END_FRAMES);
  // The frames above come at once: the utterance may end before the stream is open.
  await comesTrue(
    'the utterance is on disk and was streamed',
    () => realtime.of('input_audio_buffer.append').length > 5 && endsWithoutText(callSid),
  );
  first.kill();
  expect(await first.ended).toBe('SIGKILL');

  const second = await start();
  await new Webhooks(addressOf(second)).completed(callSid);
  await fileIsThere(path.join(ground.folder, `call_${callSid}.json`));
  const caller = readJson(ground.folder, callSid).turns.filter(({ speaker }) => speaker === 'caller');
  expect(caller.map(({ text }) => text)).toEqual([SPEECH.text]);
  second.signal('SIGTERM');
  expect(await second.ended).toBe(0);
});
