import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readScenario, type ScenarioStep } from '../../src/simulator/fixtures/scenario.ts';
import { newSid, placeCall } from '../../src/simulator/phone/simulated-phone.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { comesTrue } from '../support/comes-true.ts';
import { BUCKET, ObjectStore } from '../support/object-store.ts';
import { Offhook } from '../support/test-server.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'offhook-store-'));
let store: ObjectStore;
let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  store = await ObjectStore.start(folder);
  const keys = { S3_ACCESS_KEY_ID: 'S3RVER', S3_SECRET_ACCESS_KEY: 'S3RVER' };
  offhook = await Offhook.start(
    { ...keys, RECORDINGS_STORE: `s3://${BUCKET}/calls`, S3_ENDPOINT: store.endpoint },
    { catalogue: true, pages: builtPages() },
  );
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  await offhook.close();
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('a recording in the object store is played from there, also after its link has expired', async () => {
  const callSid = newSid('CA');
  const steps: ScenarioStep[] = [{ do: 'hangUp', when: { atMs: 2_000 } }];
  await placeCall({
    ...{ baseUrl: offhook.url, callSid },
    ...scenarioCall({ ...readScenario('conversation'), steps }),
  });
  await offhook.finished(callSid);
  const recording = offhook.fileOf(offhook.json(callSid).audio!.file);
  await comesTrue('it has left the folder', () => !existsSync(recording));
  const page = await browser.context.newPage();
  // The first link of the player has expired when the browser uses it: the store refuses it.
  let loads = 0;
  await page.route('**/api/calls/*/audio', async (route) => {
    if (route.request().resourceType() !== 'media' || (loads += 1) > 1) return route.continue();
    const { headers } = await fetch(route.request().url(), { redirect: 'manual' });
    const expired = new URL(headers.get('location')!);
    expired.searchParams.set('X-Amz-Date', '20200101T000000Z');
    expect((await fetch(expired)).status).toBe(403);
    return route.fulfill({ status: 302, headers: { location: expired.href } });
  });
  await page.goto(`${offhook.url}/calls/${callSid}`);
  await page.locator('audio').waitFor();
  const lengthS = (): Promise<number> =>
    page.evaluate<number>(`document.querySelector('audio').duration || 0`);
  await comesTrue('the browser has read it', async () => (await lengthS()) > 1);
  expect(loads).toBeGreaterThan(1);
  expect(await page.getByRole('alert').count()).toBe(0);
  const placeS = (): Promise<number> => page.evaluate<number>(`document.querySelector('audio').currentTime`);
  await page.evaluate(`{
    const audio = document.querySelector('audio');
    audio.currentTime = 1;
    audio.dispatchEvent(new Event('playing'));
    audio.dispatchEvent(new Event('error'));
  }`);
  await comesTrue('the position is kept', async () => (await lengthS()) > 1 && (await placeS()) === 1);
  await page.close();
});
