import { expect, test } from 'vitest';
import { NewCalls } from '../../../src/app/admission/new-calls.ts';
import { keptLog } from '../../support/kept-log.ts';

const { log, lines } = keptLog();

/** Two processes with calls. */
class Calls {
  active = 0;
  readonly figures = { eventLoopDelayMs: 0, journalWriteLagMs: 0 };
  readonly health = [{ figures: { eventLoopDelayMs: 0, journalWriteLagMs: 0 } }, { figures: this.figures }];
}

function started(maxCalls = 0): { calls: Calls; newCalls: NewCalls } {
  const calls = new Calls();
  lines.length = 0;
  return { calls, newCalls: new NewCalls({ maxCalls, overloadDelayMs: 500 }, () => calls, log) };
}

async function refusedBy(newCalls: NewCalls): Promise<Record<string, number>> {
  const metrics = await newCalls.metrics();
  const counter = metrics.find(({ name }) => name === 'offhook_calls_refused_total')!;
  const values = counter.values as { labels: { reason: string }; value: number }[];
  return Object.fromEntries(values.map(({ labels, value }) => [labels.reason, value]));
}

test('a server that drains asks callers to call again, until draining ends', async () => {
  const { newCalls, calls } = started();
  expect([newCalls.refusal(), newCalls.notReady]).toEqual([undefined, undefined]);
  calls.active = 2;
  expect(newCalls.drain(true)).toBe(true);
  expect(newCalls.drain(true)).toBe(true);
  expect([newCalls.refusal(), newCalls.notReady, newCalls.isDraining]).toEqual(['closing', 'draining', true]);
  expect(newCalls.drain(false)).toBe(true);
  expect([newCalls.refusal(), newCalls.notReady, newCalls.isDraining]).toEqual([undefined, undefined, false]);
  expect(lines).toHaveLength(2);
  expect(JSON.parse(lines[0]!)).toMatchObject({ activeCalls: 2 });
  expect(await refusedBy(newCalls)).toEqual({ draining: 1, stopping: 0, full: 0, overloaded: 0 });
});

test('a server that stops does not accept calls again', () => {
  const { newCalls } = started();
  newCalls.stop();
  expect(newCalls.drain(false)).toBe(false);
  expect([newCalls.refusal(), newCalls.notReady]).toEqual(['closing', 'stopping']);
});

test('a full server is busy until a line is free', async () => {
  const { newCalls, calls } = started(2);
  calls.active = 2;
  expect([newCalls.refusal(), newCalls.notReady]).toEqual(['busy', 'full']);
  // Nothing fails.
  expect(newCalls.problems).toEqual([]);
  calls.active = 1;
  expect(newCalls.refusal()).toBeUndefined();
  expect(await refusedBy(newCalls)).toMatchObject({ full: 1 });
});

test('a server of which one process is overloaded is busy, and says so', async () => {
  const { newCalls, calls } = started();
  calls.figures.eventLoopDelayMs = 900;
  for (let second = 0; second < 5; second += 1) newCalls.tick(1_000 * second);
  expect([newCalls.refusal(), newCalls.notReady]).toEqual(['busy', 'overloaded']);
  expect(newCalls.problems).toEqual([expect.stringContaining('overloaded')]);
  calls.figures.eventLoopDelayMs = 0;
  for (let second = 5; second < 15; second += 1) newCalls.tick(1_000 * second);
  expect([newCalls.refusal(), newCalls.problems]).toEqual([undefined, []]);
  expect(await refusedBy(newCalls)).toMatchObject({ overloaded: 1 });
});
