import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
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

it('a recording in the object store is played from there', async () => {
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
  await page.goto(`${offhook.url}/calls/${callSid}`);
  await page.locator('audio').waitFor();
  const lengthS = (): Promise<number> =>
    page.evaluate<number>(`document.querySelector('audio').duration || 0`);
  await comesTrue('the browser has read it', async () => (await lengthS()) > 1);
  await page.close();
});
