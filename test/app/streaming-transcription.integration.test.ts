import { afterAll, describe, expect, test, vi } from 'vitest';
import { decodeMulaw } from '../../src/audio/mulaw.ts';
import { recordedSpeech } from '../../src/simulator/fixtures/recorded-speech.ts';
import { readAllScenarios, readScenario, type ScenarioStep } from '../../src/simulator/fixtures/scenario.ts';
import { placeCall } from '../../src/simulator/phone/simulated-phone.ts';
import { startFakeOpenAi } from '../doubles/fake-openai.ts';
import { RealtimeServer, type RealtimeServerOptions } from '../doubles/realtime/realtime-server.ts';
import type { TranscribedItem } from '../doubles/realtime/transcribed-item.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { UtteranceMatcher } from '../doubles/utterance-matcher.ts';
import { Offhook } from '../support/test-server.ts';

vi.setConfig({ testTimeout: 90_000 });

const STEPS: ScenarioStep[] = [
  { do: 'speak', audio: 'caller-i-would-like-to-ask', when: { afterAssistantQuietMs: 600 } },
  { do: 'speak', audio: 'caller-it-is-four-seven-one', when: { afterAssistantQuietMs: 600 } },
  { do: 'hangUp', when: { afterAssistantQuietMs: 600 } },
];
const callers = [...recordedSpeech().values()].filter(({ speaker }) => speaker === 'caller');
const textOf = (name: string): string => callers.find((one) => one.name === name)!.text;
const SAID = [textOf('caller-i-would-like-to-ask'), textOf('caller-it-is-four-seven-one')];
const matcher = new UtteranceMatcher(callers);
/** What the recogniser of a Realtime server understands. */
const understood = ({ audio }: TranscribedItem): string => matcher.recognise(decodeMulaw(audio)) ?? '';

const open: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((each) => each.close())));

/** A whole call whose files are written. */
async function call(options: RealtimeServerOptions, steps = STEPS) {
  const openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  const transcribe = (item: TranscribedItem): void => item.transcribe(understood(item));
  const realtime = await RealtimeServer.start({ apiKey: 'k2', transcribe, ...options });
  const offhook = await Offhook.start({
    ...{
      OPENAI_API_KEY: 'k',
      OPENAI_BASE_URL: openAi.url,
      SPEECH_ENGINE: 'http',
      SERVICE_CHECK_MINUTES: '0',
    },
    ...{ TRANSCRIPTION_ENGINE: 'realtime', REALTIME_API_KEY: 'k2' },
    REALTIME_BASE_URL: realtime.baseUrl.replace('http', 'ws'),
  });
  const scenario = { ...readScenario('conversation'), steps };
  const { callSid, errors } = await placeCall({ baseUrl: offhook.url, ...scenarioCall(scenario) });
  expect(errors).toEqual([]);
  open.push(offhook, realtime, openAi);
  await offhook.finished(callSid);
  const record = offhook.json(callSid);
  return {
    ...{ record, offhook, realtime },
    spokenBy: (speaker: string) =>
      record.turns.flatMap((turn) => (turn.speaker === speaker ? [turn.text] : [])),
    /** Utterances that were sent to the transcription endpoint; the silence that loads its model is none. */
    sentWhole: openAi.requests.filter(({ service, answer }) => service === 'transcription' && answer !== ''),
    failuresLogged: offhook.logged.filter((line) => line.includes('service request failed')),
  };
}

test.concurrent(
  'a whole call is transcribed while it is spoken: no utterance is sent as a whole',
  async ({ expect }) => {
    const { record, realtime, offhook, spokenBy, sentWhole, failuresLogged } = await call({});
    expect(spokenBy('caller')).toEqual(SAID);
    expect(sentWhole).toEqual([]);
    expect(failuresLogged).toEqual([]);
    expect(realtime.handshakes.map(({ url }) => url)).toContain('/v1/realtime?intent=transcription');
    // The session of this call ends with it; the one that was opened while the phone rang may remain.
    await realtime.until(() => realtime.connections <= 1);
    expect(await offhook.health()).toMatchObject({ status: 'ok', failedServiceRequests: 0 });
    const [first] = record.turns.filter(({ speaker }) => speaker === 'caller');
    expect(first!.timing!.textMs).toBeGreaterThanOrEqual(first!.timing!.pauseMs!);
  },
);

describe.concurrent('no word is lost, and the caller hears replies, if the server', () => {
  let appended = 0;

  test.each<[string, RealtimeServerOptions]>([
    ['refuses the connection', { refuse: 503 }],
    ['never configures the session', { configure: () => undefined }],
    [
      'answers each message with an error',
      {
        intercept: (_, send) => {
          send({ type: 'error', error: { type: 'server_error', message: 'Something broke.' } });
          return true;
        },
      },
    ],
    [
      'breaks the connection in the middle of an utterance',
      {
        intercept: ({ type }, _, socket) => {
          if (type === 'input_audio_buffer.append' && (appended += 1) === 5) socket.terminate();
          return false;
        },
      },
    ],
    ['stalls after the commit', { transcribe: (item) => item.committed() }],
    [
      'sends 10 MB, unknown events, and texts of unknown items',
      {
        transcribe: (item) => {
          item.send({ type: 'weather.changed' });
          item.send({ type: 'response.output_audio.delta', response_id: 'r', delta: '%%%' });
          item.socket.send('{');
          item.committed();
          item.delta('A'.repeat(10 * 1024 * 1024));
        },
      },
    ],
  ])('%s', async (_, options) => {
    const { record, offhook, spokenBy, sentWhole, failuresLogged } = await call(options, [
      STEPS[0]!,
      STEPS[2]!,
    ]);
    expect(spokenBy('caller')).toEqual([SAID[0]]);
    expect(spokenBy('assistant').length).toBeGreaterThanOrEqual(2);
    expect(failuresLogged.length).toBeGreaterThan(0);
    expect(failuresLogged.every((line) => line.includes('"service":"streaming-transcription"'))).toBe(true);
    expect(await offhook.health()).toMatchObject({
      status: 'degraded',
      failing: [{ service: 'streaming-transcription' }],
      failedServiceRequests: failuresLogged.length,
    });
    expect(record.figures.serviceFailures).toBe(failuresLogged.length);
    expect(sentWhole.length).toBeGreaterThan(0);
  });
});

test.concurrent('a server that works again is reported so', async ({ expect }) => {
  let broken = true;
  const { offhook, spokenBy, failuresLogged } = await call({
    transcribe: (item) => {
      if (broken) item.socket.terminate();
      else item.transcribe(understood(item));
      broken = false;
    },
  });
  expect(spokenBy('caller')).toEqual(SAID);
  expect(failuresLogged).toHaveLength(1);
  expect(offhook.logged.filter((line) => line.includes('service works again'))).toHaveLength(1);
  expect(await offhook.health()).toMatchObject({ status: 'ok' });
});
