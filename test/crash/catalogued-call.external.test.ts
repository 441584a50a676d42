import { sidOfHit } from '../support/catalogued-calls.ts';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import type { CatalogueEntry } from '../../src/records/call-entry.ts';
import { newSid, placeCall } from '../../src/simulator/phone/simulated-phone.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { fileIsThere } from '../support/file-appears.ts';
import { ASKS, doing, type Ground, HANGS_UP, makeGround } from './own-server.ts';

let ground: Ground;
let catalogue: Catalogue;

beforeAll(async () => {
  ground = await makeGround();
});

afterAll(async () => {
  await catalogue.close();
  await ground.clear();
});

const LOOK_MS = 50;
const textsOf = (entry: CatalogueEntry | undefined) =>
  (entry?.turns ?? []).map(({ id, text }) => `${id}: ${text ?? ''}`);

test(
  'another process reads a growing call, and a kill loses no stored turn',
  { timeout: 90_000 },
  async () => {
    const first = await ground.start();
    catalogue = await openCatalogue(`sqlite:${path.join(ground.folder, '.offhook', 'catalogue.db')}`);
    const callSid = newSid('CA');
    const seen: CatalogueEntry[] = [];
    let killed = false;
    const looking = setInterval(() => {
      void catalogue.get(callSid).then((entry) => {
        if (!entry || killed) return;
        seen.push(entry);
        // The second question is in the catalogue, its answer is being spoken.
        if (entry.turns.filter(({ speaker, text }) => speaker === 'caller' && text).length < 2) return;
        killed = true;
        first.kill();
      });
    }, LOOK_MS);
    await placeCall({
      baseUrl: first.baseUrl,
      callSid,
      ...scenarioCall(doing(ASKS, { do: 'wait', ms: 100 }, ASKS, { do: 'wait', ms: 2_000 }, HANGS_UP)),
    }).catch(() => undefined);
    clearInterval(looking);
    expect(killed).toBe(true);

    const states = new Set(seen.map(({ state }) => state));
    expect([...states]).toEqual(['live']);
    const lengths = seen.map((entry) => textsOf(entry).join('').length);
    expect(new Set(lengths).size).toBeGreaterThan(4);

    const before = textsOf(seen.at(-1));
    const after = textsOf(await catalogue.get(callSid));
    for (const line of before) expect(after.some((other) => other.startsWith(line.slice(0, 20)))).toBe(true);
    expect(after.length).toBeGreaterThanOrEqual(before.length);

    const second = await ground.start();
    await fileIsThere(path.join(ground.folder, `call_${callSid}.json`), 60_000);
    await expect
      .poll(async () => (await catalogue.get(callSid))?.state, { timeout: 10_000, interval: 50 })
      .toBe('finished');
    const entry = (await catalogue.get(callSid))!;
    const stored = after.filter((line) => line.startsWith('caller-'));
    expect(textsOf(entry).filter((line) => line.startsWith('caller-'))).toEqual(stored);
    expect(entry.files.map(({ kind }) => kind).sort()).toEqual([
      'json',
      'recording',
      'summary',
      'transcript',
    ]);
    const found = await catalogue.search({ words: 'invoice' }, { limit: 10 });
    expect(found.items.map(sidOfHit)).toContain(callSid);
    second.signal('SIGTERM');
    expect(await second.ended).toBe(0);
  },
);
