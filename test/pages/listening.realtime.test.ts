import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TranscriptTurn } from '../../src/records/text/transcript.ts';
import { readAllScenarios, readScenario, type ScenarioStep } from '../../src/simulator/fixtures/scenario.ts';
import { newSid, startCall } from '../../src/simulator/phone/simulated-phone.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../doubles/fake-openai.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { comesTrue } from '../support/comes-true.ts';
import { findPieces } from '../support/heard-pieces.ts';
import { tapped, tapSound } from '../support/sound-tap.ts';
import { Offhook } from '../support/test-server.ts';
import { soxDecode } from '../support/tool-decoders.ts';

const STEPS: readonly ScenarioStep[] = [
  { do: 'speak', audio: 'caller-i-would-like-to-ask', when: { afterAssistantQuietMs: 600 } },
  { do: 'wait', ms: 60_000 },
];
/** Future audio is placed by estimate; late audio moves everything after it. */
const BOUND_MS = 60;
const LEAST_CORRELATION = 0.9;
const SAMPLES_PER_MS = 8;
const STEP = 80;

let openAi: FakeOpenAi;
let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  const services = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url };
  const sound = { DEFAULT_AUDIO_FORMAT: 'wav', RECORDING_CHANNELS: 'stereo' };
  offhook = await Offhook.start({ ...services, ...sound }, { catalogue: true, pages: builtPages() });
  browser = await startBrowser({ page: { bypassCSP: true } });
  await tapSound(browser.context);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await offhook.close();
  await openAi.close();
});

it('plays both sides of the line to a listener, in sync', async () => {
  const page = await browser.context.newPage();
  await page.goto(`${offhook.url}/calls`);
  const callSid = newSid('CA');
  const scenario = scenarioCall({ ...readScenario('conversation'), steps: [...STEPS] });
  const simulated = startCall({ baseUrl: offhook.url, callSid, ...scenario });
  await page.getByRole('button', { name: 'Open', exact: true }).click();
  await page.getByRole('button', { name: 'Listen', exact: true }).click();
  const reply = page.getByRole('log').locator('.turn.assistant').nth(1);
  await reply.filter({ hasText: 'invoice number?' }).waitFor();
  const state = page.getByRole('status', { name: 'State of the open call' });
  await state.getByText('Listening').waitFor();
  const blocks = (): Promise<number> => page.evaluate<number>('window.soundTap.blocks[0].length');
  const enough = (await blocks()) + 2;
  await comesTrue('what was last heard is on the tape', async () => (await blocks()) >= enough);
  const { speaker } = await tapped(page);
  simulated.hangUp('caller');
  await simulated.report;
  await offhook.finished(callSid);

  const { turns, audio } = offhook.json(callSid);
  const samples = soxDecode(offhook.fileOf(audio!.file));
  const [caller, assistant] = [0, 1].map((channel) =>
    Int16Array.from({ length: samples.length / 2 }, (_, i) => samples[2 * i + channel]!),
  );
  const asked = onlyDuring(
    caller!,
    turns.find((turn) => turn.speaker === 'caller')!,
  );
  const answered = onlyDuring(
    assistant!,
    turns.findLast((turn) => turn.speaker === 'assistant')!,
  );
  const nearMs = likeliestMs(asked, speaker);
  const [question] = findPieces(asked, speaker, nearMs, 200);
  expect(question!.correlation).toBeGreaterThan(LEAST_CORRELATION);
  const pieces = findPieces(answered, speaker, nearMs + question!.lagMs, 200);
  expect(pieces.length).toBeGreaterThan(0);
  for (const { lagMs, correlation } of pieces) {
    expect(Math.abs(lagMs)).toBeLessThanOrEqual(BOUND_MS);
    expect(correlation).toBeGreaterThan(LEAST_CORRELATION);
  }
  await page.close();
}, 90_000);

/** A side's sound during one turn, silence otherwise. */
function onlyDuring(side: Int16Array, { startMs, endMs }: TranscriptTurn): Int16Array {
  return side.map((sample, i) => (i >= startMs * SAMPLES_PER_MS && i < endMs * SAMPLES_PER_MS ? sample : 0));
}

/** How much later a sound lies in what was heard, by how loud both are: to ten milliseconds. */
function likeliestMs(sound: Int16Array, heard: Int16Array): number {
  const [one, other] = [loudness(sound), loudness(heard)];
  let best = 0;
  let most = -Infinity;
  for (let lag = -one.length; lag < other.length; lag++) {
    const like = one.reduce((sum, value, i) => sum + value * (other[i + lag] ?? 0), 0);
    if (like > most) [best, most] = [lag, like];
  }
  return (best * STEP) / SAMPLES_PER_MS;
}

/** Above or below the usual loudness, each ten milliseconds. */
function loudness(pcm: Int16Array): number[] {
  const levels = Array.from({ length: Math.floor(pcm.length / STEP) }, (_, i) =>
    Math.sqrt(pcm.subarray(i * STEP, (i + 1) * STEP).reduce((sum, sample) => sum + Math.abs(sample), 0)),
  );
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  return levels.map((level) => level - mean);
}
