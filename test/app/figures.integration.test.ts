import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Statistics } from '../../src/api/statistics-router.ts';
import { sidOf } from '../support/catalogued-calls.ts';
import { comesTrue } from '../support/comes-true.ts';
import { Offhook } from '../support/test-server.ts';
import { leaveCalls } from '../support/written-calls.ts';

const HOUR_MS = 3_600_000;
/** The oldest lies before all that is counted. */
const AGO_HOURS = [1, 49, 50, 24 * 40];
const CALLS = AGO_HOURS.map((hours, index) => ({
  callSid: sidOf(index + 1),
  startedAtMs: Date.now() - hours * HOUR_MS,
}));

let offhook: Offhook;
beforeAll(async () => {
  offhook = await Offhook.start(
    {},
    { catalogue: true, prepare: (directory) => leaveCalls(directory, CALLS) },
  );
});
afterAll(() => offhook.close());

const ask = (query = '', headers: Record<string, string> = {}) =>
  fetch(`${offhook.url}/api/figures${query}`, { headers });
const figures = async (): Promise<Statistics> => (await (await ask()).json()) as Statistics;

test('the statistics cover the last 30 days, today last, and the disk usage', async () => {
  const calls = ({ days }: Statistics): number => days.reduce((sum, day) => sum + day.calls, 0);
  await comesTrue('all calls are counted', async () => calls(await figures()) === 3);
  const { days, disk } = await figures();
  expect(days).toHaveLength(30);
  expect(days.map(({ day }) => day)).toEqual(days.map(({ day }) => day).sort());
  const busy = days.filter((day) => day.calls > 0);
  expect(busy.reduce((sum, { minutes }) => sum + minutes, 0)).toBeGreaterThan(0.5);
  expect(busy.every(({ bargeIns, failed }) => bargeIns > 0 && failed === 0)).toBe(true);
  expect(busy.every(({ answerMsP50 }) => answerMsP50 !== null && answerMsP50 > 0)).toBe(true);
  expect(disk.freeBytes).toBeGreaterThan(0);
  expect(disk.totalBytes).toBeGreaterThan(disk.freeBytes);
});

test('an invalid time zone and an unauthenticated request are refused', async () => {
  expect((await ask('?timeZone=Pacific/Auckland')).status).toBe(200);
  const refused = await ask('?timeZone=Nowhere');
  expect(refused.status).toBe(400);
  expect(((await refused.json()) as { detail: string }).detail).toContain('Europe/Berlin');
  expect((await ask('', { 'x-forwarded-for': '203.0.113.9' })).status).toBe(403);
});
