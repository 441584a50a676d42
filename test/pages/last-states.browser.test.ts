import type { Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sine } from '../../src/audio/tone.ts';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { faultsInAllLooks } from '../support/all-looks.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { sidOf } from '../support/catalogued-calls.ts';
import { comesTrue } from '../support/comes-true.ts';
import { Offhook, type OffhookOptions } from '../support/test-server.ts';
import { unusedPort } from '../support/unused-port.ts';
import { leaveCalls } from '../support/written-calls.ts';

const SID = sidOf(1);

let browser: TestBrowser;
let offhook: Offhook;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());
afterEach(() => offhook.close());

async function start(settings: Record<string, string>, options: OffhookOptions = {}): Promise<void> {
  offhook = await Offhook.start(settings, { catalogue: true, pages: builtPages(), ...options });
}

/** With a service that does not answer: texts stay pending. */
async function withService(): Promise<Record<string, string>> {
  return { TRANSCRIPTION_BASE_URL: `http://127.0.0.1:${await unusedPort()}/v1`, SERVICE_CHECK_MINUTES: '0' };
}

async function save(transcript: 'page' | 'server'): Promise<string> {
  const form = new FormData();
  form.append('transcript', transcript);
  form.append('audio', new Blob([writeWav(sine(440, 1_000, -12, 8_000), 8_000)]), 'a.wav');
  const answer = await fetch(`${offhook.url}/save_recording`, { method: 'POST', body: form });
  return ((await answer.json()) as { name: string }).name;
}

describe('a recording of the microphone whose text is pending', () => {
  it.each(['/recordings', '/'])(
    'gets its transcript on the page that shows it, without a reload: %s',
    async (address) => {
      await start(await withService());
      const name = await save('page');
      const page = await browser.context.newPage();
      await page.goto(offhook.url + address);
      if (address === '/') await page.getByRole('button', { name: 'View recordings' }).click();
      await page.getByText('waiting to be transcribed').waitFor();
      await fetch(`${offhook.url}/recordings/${name}/transcript`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: 'It is said.' }),
      });
      await page.getByRole('link', { name: `Transcript of ${name}` }).waitFor();
      expect(await page.getByText('waiting to be transcribed').count()).toBe(0);
      await page.close();
    },
  );

  it('is not called waiting without a transcription service; the page says what to set', async () => {
    await start({});
    await save('server');
    const page = await browser.context.newPage();
    await page.goto(`${offhook.url}/recordings`);
    await page.getByText('· not transcribed').waitFor();
    await page.getByText('TRANSCRIPTION_BASE_URL').waitFor();
    expect(await page.getByText('waiting to be transcribed').count()).toBe(0);
    expect(await faultsInAllLooks(page, 'recordings-without-service')).toEqual([]);
    await page.close();
  });
});

describe('a call', () => {
  const withCall = async (): Promise<void> => {
    await start(await withService(), {
      prepare: (directory) => leaveCalls(directory, [{ callSid: SID, from: '+49305550001', startedAtMs: 1 }]),
    });
    await comesTrue('it is entered', async () => (await fetch(`${offhook.url}/api/calls/${SID}`)).ok);
  };
  type Change = (answer: unknown) => unknown;
  /** The first answers are those of an earlier moment, all others of a later one. */
  const changing = async (page: Page, path: RegExp, earlier: Change, later: Change): Promise<void> => {
    let left = 2;
    await page.route(path, async (route: Route) => {
      const response = await route.fetch();
      const answer: unknown = await response.json();
      left -= 1;
      await route.fulfill({ response, json: left >= 0 ? earlier(answer) : later(answer) });
    });
  };

  it.each([
    ['/calls', /\/api\/calls\?/u, '+49305550001'],
    [`/calls/${SID}`, new RegExp(`/api/calls/${SID}$`, 'u'), 'invoice'],
    ['/dashboard', /\/api\/figures/u, 'Calls per day'],
    ['/recordings', /\/list_recordings/u, 'No recordings yet.'],
  ])(
    'whose data could not be loaded is shown as soon as the server has it: %s',
    async (address, path, shown) => {
      await withCall();
      const page = await browser.context.newPage();
      let isAway = true;
      await page.route(path, (route) =>
        isAway
          ? route.fulfill({
              status: 503,
              contentType: 'application/problem+json',
              body: '{"detail":"Not now."}',
            })
          : route.continue(),
      );
      await page.goto(offhook.url + address);
      await page.getByText('Not now.').first().waitFor();
      isAway = false;
      await page.getByText(shown).first().waitFor();
      expect(await page.getByText('Not now.').count()).toBe(0);
      await page.close();
    },
  );

  it('that is being finished when the list is opened is shown with its outcome later', async () => {
    await withCall();
    const page = await browser.context.newPage();
    const earlier: Change = (answer) => {
      const { calls } = answer as { calls: object[] };
      return { calls: calls.map((call) => ({ ...call, state: 'finishing', outcome: undefined })) };
    };
    await changing(page, /\/api\/calls\?/u, earlier, (answer) => answer);
    await page.goto(`${offhook.url}/calls`);
    const past = page.getByRole('list', { name: 'Past calls' });
    await past.getByText('Being finished').waitFor();
    await past.getByText('Conversation').waitFor();
    await page.close();
  });

  it('whose texts are being fetched when its page is opened is shown with them later', async () => {
    await withCall();
    const page = await browser.context.newPage();
    const withTexts =
      (isThere: boolean): Change =>
      (answer) => {
        const { turns, ...call } = answer as { turns: { speaker: string; text?: string }[] };
        const changed = turns.map(({ text = 'That is all.', ...turn }) =>
          turn.speaker === 'caller' && !isThere
            ? { ...turn, pending: true }
            : { ...turn, text, pending: false },
        );
        return { ...call, pending: isThere ? 0 : 2, turns: changed };
      };
    await changing(page, new RegExp(`/api/calls/${SID}$`, 'u'), withTexts(false), withTexts(true));
    await page.goto(`${offhook.url}/calls/${SID}`);
    await page.getByText('(being transcribed)').first().waitFor();
    await page.getByText('invoice').first().waitFor();
    await comesTrue(
      'nothing is pending',
      async () =>
        (await page.getByText('(being transcribed)').count()) === 0 &&
        (await page.getByText('Texts still being fetched').count()) === 0,
    );
    await page.close();
  });
});
