import { expect, test } from 'vitest';
import { Outages } from '../../../src/app/outages.ts';
import { DependencyChecks } from '../../../src/app/services/dependency-checks.ts';
import { createLog } from '../../../src/log.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';

const MINUTE_MS = 60_000;

function scene(everyMs: number) {
  const clock = new VirtualClock(0);
  const outages = new Outages(() => clock.now());
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
  const askedAtMs: number[] = [];
  const state: { error: Error | undefined; waitsMs: number } = { error: undefined, waitsMs: 0 };
  const check = async (): Promise<void> => {
    askedAtMs.push(clock.now());
    if (state.waitsMs > 0) await clock.sleep(state.waitsMs);
    if (state.error) throw state.error;
  };
  const checks = new DependencyChecks({ checks: [['database', check]], outages, log, clock, everyMs });
  return { clock, outages, lines, askedAtMs, state, checks };
}

test('a failure is reported once with its first time, asked for every minute, and its end is logged', async () => {
  const { clock, outages, lines, askedAtMs, state, checks } = scene(5 * MINUTE_MS);
  state.error = new Error('connect ECONNREFUSED 127.0.0.1:1');
  checks.start();
  await clock.goTo(2 * MINUTE_MS);
  expect(askedAtMs).toEqual([0, MINUTE_MS, 2 * MINUTE_MS]);
  expect(outages.problems).toEqual([
    'database: connect ECONNREFUSED 127.0.0.1:1 (since 1970-01-01T00:00:00.000Z)',
  ]);
  state.error = undefined;
  await clock.goTo(8 * MINUTE_MS);
  expect(askedAtMs.slice(3)).toEqual([3 * MINUTE_MS, 8 * MINUTE_MS]);
  expect(outages.problems).toEqual([]);
  expect(lines).toEqual([
    expect.stringContaining('dependency does not work') as string,
    expect.stringContaining('dependency works again') as string,
  ]);
  checks.stop();
});

test('a dependency that does not answer is reported after 4 s, and waited for', async () => {
  const { clock, outages, askedAtMs, state, checks } = scene(5 * MINUTE_MS);
  state.waitsMs = 9_000;
  checks.start();
  await clock.goTo(3_900);
  expect(outages.problems).toEqual([]);
  await clock.goTo(4_100);
  expect(outages.problems).toEqual(['database: no answer within 4 s (since 1970-01-01T00:00:04.000Z)']);
  await clock.goTo(10_000);
  expect([outages.problems, askedAtMs]).toEqual([[], [0]]);
  checks.stop();
});

test('nothing is asked with an interval of 0, and after the stop', async () => {
  const never = scene(0);
  never.checks.start();
  await never.clock.goTo(10 * MINUTE_MS);
  expect(never.askedAtMs).toEqual([]);
  const stopped = scene(MINUTE_MS);
  stopped.checks.start();
  await stopped.clock.goTo(MINUTE_MS);
  stopped.checks.stop();
  await stopped.clock.goTo(11 * MINUTE_MS);
  expect(stopped.askedAtMs).toEqual([0, MINUTE_MS]);
});
