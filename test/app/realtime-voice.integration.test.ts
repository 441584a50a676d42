import { afterEach, expect, test, vi } from 'vitest';
import { decodeMulaw } from '../../src/audio/mulaw.ts';
import { readAllScenarios, readScenario, type ScenarioStep } from '../../src/simulator/fixtures/scenario.ts';
import { placeCall } from '../../src/simulator/phone/simulated-phone.ts';
import { startFakeOpenAi } from '../doubles/fake-openai.ts';
import { buzz, RealtimeServer } from '../doubles/realtime/realtime-server.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { decodeSound } from '../support/npm-decoders.ts';
import { Offhook } from '../support/test-server.ts';

vi.setConfig({ testTimeout: 60_000 });

const STEPS: ScenarioStep[] = [
  { do: 'speak', audio: 'caller-i-would-like-to-ask', when: { afterAssistantQuietMs: 600 } },
  { do: 'hangUp', when: { afterAssistantQuietMs: 600 } },
];
const GREETING = 'Hello there.';

const open: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((each) => each.close())));

/** Where `part` is in `whole`; -1 if it is nowhere. */
function indexOf(whole: Int16Array, part: Int16Array): number {
  const bytes = (pcm: Int16Array): Buffer => Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  return bytes(whole).indexOf(bytes(part));
}

test('a Realtime model speaks a whole call: the recording has its audio unchanged, the transcript the words it spoke', async () => {
  const openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  const spoken: { asked: string; said: string }[] = [];
  const realtime = await RealtimeServer.start({
    apiKey: 'k2',
    respond: (response) => {
      // Greetings and probes are spoken as they are written, replies in other words.
      const isReply = !['Hello.', GREETING].includes(response.text);
      const said = isReply ? `Well, ${response.text}` : response.text;
      spoken.push({ asked: response.text, said });
      response.speak(buzz(response.text), said);
    },
  });
  const offhook = await Offhook.start({
    ...{ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url, GREETING },
    ...{ ASSISTANT: 'pipeline' },
    ...{ REALTIME_BASE_URL: realtime.baseUrl.replace('http', 'ws'), REALTIME_API_KEY: 'k2' },
    ...{
      DEFAULT_AUDIO_FORMAT: 'wav',
      RECORDING_CHANNELS: 'stereo',
      RECORDING_SAMPLE_RATE: '8000',
      MP3_BITRATE: '64k',
    },
  });
  open.push(offhook, realtime, openAi);
  const scenario = { ...readScenario('conversation'), steps: STEPS };
  const { callSid, errors } = await placeCall({ baseUrl: offhook.url, ...scenarioCall(scenario) });
  await offhook.finished(callSid);

  expect(errors).toEqual([]);
  expect(openAi.requests.map(({ service }) => service)).not.toContain('speech');
  const [greeting, ...replies] = offhook
    .json(callSid)
    .turns.filter(({ speaker }) => speaker === 'assistant')
    .map(({ text }) => text);
  const asked = spoken.filter(({ said, asked: text }) => said !== text);
  expect(greeting).toBe(GREETING);
  expect(asked.length).toBeGreaterThan(0);
  expect(replies.join(' ')).toBe(asked.map(({ said }) => said).join(' '));
  expect(offhook.transcript(callSid)).toContain(asked[0]!.said);
  const { channels } = await decodeSound(offhook.fileOf(`call_${callSid}_conversation.wav`));
  for (const text of [GREETING, ...asked.map((one) => one.asked)])
    expect(indexOf(channels[1]!, decodeMulaw(buzz(text)))).toBeGreaterThan(0);
});
