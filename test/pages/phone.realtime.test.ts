import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { readAllScenarios } from '../../src/simulator/fixtures/scenario.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../doubles/fake-openai.ts';
import type { RealtimeServer } from '../doubles/realtime/realtime-server.ts';
import { startScenarioRealtime } from '../doubles/realtime/scenario-realtime.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { comesTrue } from '../support/comes-true.ts';
import { findPieces, type FoundPiece, piecesOf } from '../support/heard-pieces.ts';
import { microphoneFile } from '../support/microphone-file.ts';
import { troublesOf } from '../support/page-faults.ts';
import { tapped, tapSound } from '../support/sound-tap.ts';
import { Offhook } from '../support/test-server.ts';
import { soxDecode } from '../support/tool-decoders.ts';

/**
 * When the microphone hears what, after it was opened; the assistant answers in between, and is interrupted once. The long
 * answer lasts 12 s: on a quiet machine it is interrupted late, so that on a busy one it has begun by then.
 */
const SAID = [
  { atMs: 8_500, speech: 'caller-what-are-your-opening-hours' },
  { atMs: 19_500, speech: 'caller-sorry-i-only-need-saturday' },
  { atMs: 30_000, speech: 'caller-thank-you-that-is-all' },
];
const LENGTH_MS = 60_000;
/** What is said is said at fixed times: services that a busy machine makes slow must not change the conversation. */
const AT_ONCE = {
  ...{ transcriptionMs: 0, firstTokenMs: 0, betweenTokensMs: 0 },
  ...{ speechFirstMs: 0, speechTimesRealTime: Infinity },
};
/** Of what went through μ-law and a low-pass with what did not. */
const LEAST_CORRELATION = 0.9;
/** The microphone's own noise is below it. */
const FLOOR = 200;
const SAMPLES_PER_MS = 8;
const STRETCH = 200 * SAMPLES_PER_MS;
/** Of speech: the rest are pauses, and the ends of words. */
const LEAST_SOUND = 0.6;

let openAi: FakeOpenAi;
let realtime: RealtimeServer;
/** One for each engine. */
let servers: Readonly<Record<'pipeline' | 'realtime', Offhook>>;
beforeAll(async () => {
  openAi = await startFakeOpenAi({ scenarios: readAllScenarios(), timing: AT_ONCE });
  realtime = await startScenarioRealtime(readAllScenarios());
  const services = { OPENAI_API_KEY: 'x', OPENAI_BASE_URL: openAi.url, FILLER_AFTER_MS: '30000' };
  const sound = { DEFAULT_AUDIO_FORMAT: 'wav', RECORDING_CHANNELS: 'stereo' };
  const start = (engine: Record<string, string>): Promise<Offhook> =>
    Offhook.start({ ...services, ...sound, ...engine }, { catalogue: true, pages: builtPages() });
  const address = realtime.baseUrl.replace('http', 'ws');
  servers = {
    pipeline: await start({ ASSISTANT: 'pipeline' }),
    realtime: await start({ ASSISTANT: 'realtime', REALTIME_BASE_URL: address }),
  };
}, 120_000);
afterAll(async () => {
  await Promise.all(Object.values(servers).map((offhook) => offhook.close()));
  await Promise.all([openAi.close(), realtime.close()]);
});

const state = (page: Page) => page.getByRole('status').first();
const callSidOf = async (page: Page): Promise<string> =>
  (await page.getByRole('link', { name: /Recording and transcript/ }).getAttribute('href'))!.slice(
    '/calls/'.length,
  );

interface PhoneCase {
  readonly name: string;
  readonly engine: 'pipeline' | 'realtime';
  readonly boundMs: number;
  readonly rough: Readonly<Record<string, number>>;
}

const NETWORKS: readonly PhoneCase[] = [
  { name: 'a good network', engine: 'pipeline', boundMs: 20, rough: {} },
  { name: 'a good network', engine: 'realtime', boundMs: 20, rough: {} },
  {
    name: '100 ms and 50 ms of jitter each way',
    engine: 'pipeline',
    boundMs: 40,
    rough: { Delay: 100, Jitter: 50 },
  },
];

describe.concurrent.each(NETWORKS)(
  'a call from the browser over $name, answered by $engine',
  ({ engine, boundMs, rough }) => {
    let browser: TestBrowser;
    let offhook: Offhook;
    beforeAll(async () => {
      offhook = servers[engine];
      browser = await startBrowser({
        microphone: microphoneFile(offhook.directory, SAID, LENGTH_MS),
        page: { bypassCSP: true },
      });
      await tapSound(browser.context);
    });
    afterAll(() => browser.close());

    it('talks with the assistant, interrupts it and hangs up; its files equal what the page heard and played', async ({
      expect,
    }) => {
      const page = await browser.context.newPage();
      const errors = troublesOf(page);
      await page.goto(`${offhook.url}/phone`);
      await page.getByText('A bad network').click();
      for (const [name, value] of Object.entries(rough)) await page.getByLabel(name).fill(String(value));
      await page.getByRole('button', { name: 'Call', exact: true }).click();
      const log = page.getByRole('log');
      await log.getByText('What are your opening hours?').waitFor();
      await log.getByText('Sorry, I only need Saturday.').waitFor();
      await log.getByText('Thank you, that is all.').waitFor({ timeout: 40_000 });
      await log.getByText('You are welcome. Goodbye.').waitFor();
      await comesTrue('the assistant has said goodbye', async () =>
        /Listening/.test((await state(page).textContent()) ?? ''),
      );
      await page.getByRole('button', { name: 'Hang up' }).click();
      const callSid = await callSidOf(page);
      const { microphone, speaker, latencyMs } = await tapped(page);
      await offhook.finished(callSid);

      const json = offhook.json(callSid);
      expect(errors).toEqual([]);
      expect(json.figures.interruptions).toBe(1);
      const lines = offhook.transcript(callSid).trim().split('\n');
      expect(lines.map((line) => line.replace(/^\[[\d:.]+\] /u, ''))).toEqual([
        'Assistant: Thank you for calling. How can I help you?',
        'Caller: What are your opening hours?',
        expect.stringMatching(/^Assistant: We are open all week\. From .* —$/u),
        'Caller: Sorry, I only need Saturday.',
        'Assistant: On Saturday we are open from nine to one.',
        'Caller: Thank you, that is all.',
        'Assistant: You are welcome. Goodbye.',
      ]);
      const samples = soxDecode(offhook.fileOf(json.audio!.file));
      const side = (channel: number): Int16Array =>
        Int16Array.from({ length: samples.length / 2 }, (_, i) => samples[2 * i + channel]!);
      const [caller, assistant] = [side(0), side(1)];
      // Where the recording begins is known by the caller's first word; everything else has to lie as it did.
      const nearMs = (piecesOf(caller, FLOOR)[0]!.from - piecesOf(microphone, FLOOR)[0]!.from) / 8;
      const atMs = nearMs + findPieces(microphone, caller, nearMs, FLOOR)[0]!.lagMs;
      const said = findPieces(microphone, caller, atMs, FLOOR);
      const heard = stretches(speaker, assistant, atMs + latencyMs);
      expect(said.length).toBe(3);
      // How far the reply got before it was interrupted is the machine's affair; what was heard of it has to be there.
      const heardMs = json.turns.reduce(
        (sum, { speaker, startMs, endMs }) => sum + (speaker === 'assistant' ? endMs - startMs : 0),
        0,
      );
      expect((heard.length * STRETCH) / SAMPLES_PER_MS).toBeGreaterThan(LEAST_SOUND * heardMs);
      for (const { lagMs, correlation } of [...said, ...heard]) {
        expect(Math.abs(lagMs)).toBeLessThanOrEqual(boundMs);
        expect(correlation).toBeGreaterThan(LEAST_CORRELATION);
      }
      for (const { endErrorMs } of findPieces(speaker, assistant, atMs + latencyMs, FLOOR))
        expect(Math.abs(endErrorMs)).toBeLessThanOrEqual(boundMs);
    }, 120_000);
  },
);

/** What was played, cut into stretches that are each looked for in the recording; the quiet ones tell nothing. */
function stretches(played: Int16Array, recorded: Int16Array, atMs: number): FoundPiece[] {
  return piecesOf(played, FLOOR).flatMap(({ from, to }) => {
    const found: FoundPiece[] = [];
    for (let at = from; at + STRETCH <= to; at += STRETCH) {
      const alone = new Int16Array(at + STRETCH);
      alone.set(played.subarray(at, at + STRETCH), at);
      found.push(...findPieces(alone, recorded, atMs, FLOOR));
    }
    return found;
  });
}
