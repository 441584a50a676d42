import { afterAll, describe, expect, test, vi } from 'vitest';
import { decodeMulaw } from '../../src/audio/mulaw.ts';
import { recordedSpeech } from '../../src/simulator/fixtures/recorded-speech.ts';
import {
  readAllScenarios,
  readScenario,
  type Scenario,
  type ScenarioStep,
} from '../../src/simulator/fixtures/scenario.ts';
import { placeCall } from '../../src/simulator/phone/simulated-phone.ts';
import { startFakeOpenAi } from '../doubles/fake-openai.ts';
import { buzz, RealtimeServer, type RealtimeServerOptions } from '../doubles/realtime/realtime-server.ts';
import type { TranscribedItem } from '../doubles/realtime/transcribed-item.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { UtteranceMatcher } from '../doubles/utterance-matcher.ts';
import { decodeSound } from '../support/npm-decoders.ts';
import { Offhook } from '../support/test-server.ts';

vi.setConfig({ testTimeout: 90_000 });

const ASK: ScenarioStep = {
  do: 'speak',
  audio: 'caller-i-would-like-to-ask',
  when: { afterAssistantQuietMs: 600 },
};
const ANSWER: ScenarioStep = {
  do: 'speak',
  audio: 'caller-it-is-four-seven-one',
  when: { afterAssistantQuietMs: 600 },
};
const INTERRUPT: ScenarioStep = {
  do: 'speak',
  audio: 'caller-sorry-i-only-need-saturday',
  when: { assistantHeardMs: 1_500 },
};
const HANG_UP: ScenarioStep = { do: 'hangUp', when: { afterAssistantQuietMs: 600 } };
const callers = [...recordedSpeech().values()].filter(({ speaker }) => speaker === 'caller');
const textOf = (name: string): string => callers.find((one) => one.name === name)!.text;
const SAID = [textOf('caller-i-would-like-to-ask'), textOf('caller-it-is-four-seven-one')];
const matcher = new UtteranceMatcher(callers);
const transcribe = (item: TranscribedItem): void =>
  item.transcribe(matcher.recognise(decodeMulaw(item.audio)) ?? '');
const REPLIES = ['Certainly, which number is it?', 'Thank you, it was paid on Monday.'];
const LONG =
  'There are many things to say about this, and I will say all of them one after the other. Please listen.';
const GREETING = 'Good day.';

const open: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((each) => each.close())));

interface Setup {
  readonly realtime?: RealtimeServerOptions;
  readonly steps?: readonly ScenarioStep[];
  readonly line?: Scenario['line'];
  /** Without it there is a Realtime server alone. */
  readonly pipeline?: boolean;
  /** Further settings. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A whole call whose files are written. The model replies with `REPLIES`. */
async function call({
  realtime: options,
  steps = [ASK, ANSWER, HANG_UP],
  line = {},
  pipeline = true,
  settings = {},
}: Setup) {
  const openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  const realtime = await RealtimeServer.start({
    apiKey: 'k2',
    transcribe,
    reply: (response, _items, index) => {
      const text = REPLIES[index] ?? 'Goodbye.';
      response.converse(buzz(text), text);
    },
    ...options,
  });
  const offhook = await Offhook.start({
    ...(pipeline && { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url }),
    ...{ REALTIME_BASE_URL: realtime.baseUrl.replace('http', 'ws'), REALTIME_API_KEY: 'k2' },
    ...{ GREETING, SERVICE_CHECK_MINUTES: '0', DEFAULT_AUDIO_FORMAT: 'wav' },
    ...{ RECORDING_CHANNELS: 'stereo', RECORDING_SAMPLE_RATE: '8000', MP3_BITRATE: '64k' },
    ...settings,
  });
  open.push(offhook, realtime, openAi);
  const scenario = { ...readScenario('conversation'), steps: [...steps], line };
  const { callSid, errors } = await placeCall({ baseUrl: offhook.url, ...scenarioCall(scenario) });
  expect(errors).toEqual([]);
  await offhook.finished(callSid);
  const record = offhook.json(callSid);
  const { channels } = await decodeSound(offhook.fileOf(`call_${callSid}_conversation.wav`));
  const bytes = (pcm: Int16Array): Buffer => Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  return {
    ...{ record, offhook, realtime },
    said: record.turns.map(({ speaker, text }) => `${speaker}: ${text}`),
    asked: (service: string) => openAi.requests.filter((one) => one.service === service && one.answer !== ''),
    /** Whether this text was heard from its beginning to its end. */
    hears: (text: string) => bytes(channels[1]!).includes(bytes(decodeMulaw(buzz(text)))),
  };
}

describe.concurrent('a Realtime model as assistant', () => {
  test('talks with the caller, with all services', async ({ expect }) => {
    const { said, hears, asked, record, offhook } = await call({});
    expect(said).toEqual([
      `assistant: ${GREETING}`,
      `caller: ${SAID[0]}`,
      `assistant: ${REPLIES[0]}`,
      `caller: ${SAID[1]}`,
      `assistant: ${REPLIES[1]}`,
    ]);
    for (const text of [GREETING, ...REPLIES]) expect(hears(text)).toBe(true);
    expect(asked('speech')).toEqual([]);
    expect(asked('chat').filter(({ body }) => body['stream'] === true)).toEqual([]);
    const { timing } = record.turns[1]!;
    expect(timing!.audioMs).toBeGreaterThan(timing!.textMs!);
    expect(await offhook.health()).toMatchObject({ status: 'ok', failedServiceRequests: 0 });
  });

  test('talks with the caller, alone: its session gives the texts', async ({ expect }) => {
    const { said, offhook } = await call({ pipeline: false });
    expect(said).toEqual([
      `assistant: ${GREETING}`,
      `caller: ${SAID[0]}`,
      `assistant: ${REPLIES[0]}`,
      `caller: ${SAID[1]}`,
      `assistant: ${REPLIES[1]}`,
    ]);
    expect(await offhook.health()).toMatchObject({ failedServiceRequests: 0 });
  });

  test('is interrupted: the record and its memory have what was heard', async ({ expect }) => {
    const { said, record, realtime, hears } = await call({
      steps: [ASK, INTERRUPT, HANG_UP],
      realtime: {
        reply: (response, _items, index) => {
          const text = index === 0 ? LONG : 'All right.';
          response.converse(buzz(text), text);
        },
      },
    });
    const cut = record.turns.find(({ cut: isCut }) => isCut)!;
    const words = cut.text!.replace(/ —$/u, '');
    expect(words.length).toBeGreaterThan(10);
    expect(`${words} ${cut.unheard}`).toBe(LONG);
    expect(said.at(-1)).toBe('assistant: All right.');
    expect(hears(LONG)).toBe(false);
    const [truncation] = realtime.of('conversation.item.truncate');
    const heardMs = cut.endMs - cut.startMs;
    expect(Math.abs(truncation!.audio_end_ms - heardMs)).toBeLessThan(25);
  });
});

/** The server decides where turns end. */
const SERVER_TURNS = { REALTIME_TURNS: 'server' };

describe.concurrent('a Realtime model that decides where turns end', () => {
  test.each([
    ['with all services', true],
    ['alone', false],
  ])('talks with the caller, %s', async (_, pipeline) => {
    const { said, realtime, hears, offhook } = await call({ pipeline, settings: SERVER_TURNS });
    expect(said).toEqual([
      `assistant: ${GREETING}`,
      `caller: ${SAID[0]}`,
      `assistant: ${REPLIES[0]}`,
      `caller: ${SAID[1]}`,
      `assistant: ${REPLIES[1]}`,
    ]);
    for (const text of REPLIES) expect(hears(text)).toBe(true);
    expect(realtime.of('input_audio_buffer.commit')).toEqual([]);
    expect(await offhook.health()).toMatchObject({ status: 'ok', failedServiceRequests: 0 });
  });

  test('waits for a caller who pauses in mid-sentence', async () => {
    const rest: ScenarioStep = { ...ANSWER, when: { afterPreviousMs: 1_200 } };
    const { record, realtime } = await call({
      settings: SERVER_TURNS,
      steps: [ASK, rest, HANG_UP],
      realtime: { vad: { semanticSilenceMs: 1_900 } },
    });
    const turns = record.turns.filter(({ speaker }) => speaker === 'caller');
    expect(turns).toHaveLength(1);
    expect(turns[0]!.endMs - turns[0]!.startMs).toBeGreaterThan(5_000);
    const replies = realtime.of('response.create').filter(({ response }) => response.conversation !== 'none');
    expect(replies).toHaveLength(1);
  });

  test('hears echo and is interrupted: its memory has what was heard of both sides alone', async () => {
    const shown: string[][] = [];
    const { record, said, realtime } = await call({
      line: { echo: { db: -20, afterMs: 120 } },
      settings: SERVER_TURNS,
      steps: [ASK, INTERRUPT, HANG_UP],
      realtime: {
        reply: (response, items, index) => {
          shown.push(items.shown);
          const text = index === 0 ? LONG : 'All right.';
          response.converse(buzz(text), text);
        },
      },
    });
    expect(record.turns.find(({ cut: isCut }) => isCut)!.unheard).not.toBe('');
    expect(said.at(-1)).toBe('assistant: All right.');
    expect(shown[1]!.filter((one) => one.startsWith('user'))).toHaveLength(2);
    const deleted = realtime.of('conversation.item.delete').map(({ item_id: id }) => id);
    expect(deleted.filter((id) => id.startsWith('item_')).length).toBeGreaterThan(0);
  });

  test('does not end turns: the caller hears a reply within 4 s', async () => {
    const { record, said } = await call({
      settings: SERVER_TURNS,
      steps: [ASK, HANG_UP],
      realtime: { vad: { semanticSilenceMs: 1e9 } },
    });
    expect(said).toEqual([`assistant: ${GREETING}`, `caller: ${SAID[0]}`, `assistant: ${REPLIES[0]}`]);
    expect(longestSilenceMs(record.turns)).toBeLessThan(4_000);
  });

  test('and fails within a call: the pipeline goes on with its own turns', async () => {
    const { said, record } = await call({
      settings: SERVER_TURNS,
      steps: [ASK, HANG_UP],
      realtime: { reply: (response) => response.socket.terminate() },
    });
    expect(said[1]).toBe(`caller: ${SAID[0]}`);
    expect(said).toHaveLength(3);
    expect(record.figures.serviceFailures).toBe(1);
  });
});

describe.concurrent(
  'the chat model and the voice reply, and the caller is not left in silence, if the server',
  () => {
    const fail: RealtimeServerOptions['reply'] = (response) => {
      response.created();
      response.audio(buzz('Certainly, I'));
      response.moreWords('Certainly, I ');
      response.socket.terminate();
    };

    test.each<[string, RealtimeServerOptions]>([
      ['refuses conversations', { intercept: onReply((send, id) => refusal(send, id)) }],
      ['breaks the connection within the reply', { reply: fail }],
      ['stalls after a reply was requested', { reply: () => undefined }],
      [
        'sends 10 MB',
        {
          reply: (response) => {
            response.created();
            response.delta('A'.repeat(10 * 1024 * 1024));
          },
        },
      ],
      [
        'answers each message of a conversation with an error',
        { intercept: onReply((send) => refusal(send)) },
      ],
    ])('%s', async (_, options) => {
      const { said, offhook, record, asked } = await call({ realtime: options, steps: [ASK, HANG_UP] });
      expect(said[1]).toBe(`caller: ${SAID[0]}`);
      expect(asked('chat').length).toBeGreaterThan(0);
      expect(said[2]!.length).toBeGreaterThan('assistant: Certainly, I —'.length);
      expect(record.figures.serviceFailures).toBe(1);
      expect(await offhook.health()).toMatchObject({ failing: [{ service: 'speech-to-speech' }] });
      const failures = offhook.logged.filter((line) => line.includes('service request failed'));
      expect(failures).toHaveLength(1);
      expect(failures[0]).toContain('"service":"speech-to-speech"');
      expect(longestSilenceMs(record.turns)).toBeLessThan(4_500);
    });
  },
);

type Intercept = NonNullable<RealtimeServerOptions['intercept']>;

/** Answers requests of replies within the conversation. */
function onReply(answer: (send: Parameters<Intercept>[1], id: string | undefined) => void): Intercept {
  return (event, send) => {
    if (event.type !== 'response.create' || event.response.conversation === 'none') return false;
    answer(send, event.event_id);
    return true;
  };
}

function refusal(send: Parameters<Intercept>[1], id?: string): void {
  send({ type: 'error', error: { type: 'server_error', message: 'Something broke.', event_id: id } });
}

/** Between what was heard, in milliseconds. */
function longestSilenceMs(turns: readonly { readonly startMs: number; readonly endMs: number }[]): number {
  return Math.max(0, ...turns.slice(1).map(({ startMs }, index) => startMs - turns[index]!.endMs));
}
