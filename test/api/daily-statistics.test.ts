import { describe, expect, test } from 'vitest';
import { DailyCounter, daysIn, daysUpTo } from '../../src/api/daily-statistics.ts';
import type { CatalogueEntry } from '../../src/records/call-entry.ts';
import { finishedCall, fullCall } from '../support/catalogued-calls.ts';

const NOTHING = {
  ...{
    calls: 0,
    minutes: 0,
    failed: 0,
    serviceFailures: 0,
    impaired: 0,
    bargeIns: 0,
    answerMsP50: null,
    answerMsP95: null,
  },
  ...{ bargeInMsP50: null, bargeInMsP95: null },
  replyStepsP50: { decidedMs: null, textMs: null, tokenMs: null, audioMs: null, heardMs: null },
};

function at(iso: string, given: Partial<CatalogueEntry> = {}): CatalogueEntry {
  return finishedCall(1, [], { ...given, startedAtMs: Date.parse(iso) });
}

function answering(answerMs: number[], bargeInMs: number[] = []): Partial<CatalogueEntry> {
  return { figures: { ...fullCall(1).figures!, answerMs, bargeInMs } };
}

describe('daily statistics', () => {
  test('count each call on the local day on which it started', () => {
    const calls = [at('2026-07-13T21:59:00Z'), at('2026-07-13T22:01:00Z'), at('2026-07-11T10:00:00Z')];
    const counts = (timeZone: string): number[] => {
      const count = new DailyCounter(daysUpTo('2026-07-14', 2), daysIn(timeZone));
      for (const call of calls) count.add(call);
      return count.figures().map(({ calls }) => calls);
    };
    expect(counts('UTC')).toEqual([2, 0]);
    expect(counts('Europe/Berlin')).toEqual([1, 1]);
    expect(counts('America/New_York')).toEqual([2, 0]);
  });

  test('sum minutes, failures and interruptions, and give response and silence times', () => {
    const count = new DailyCounter(daysUpTo('2026-07-13', 2), daysIn('UTC'));
    const answers = Array.from({ length: 100 }, (_, index) => index + 1);
    count.add(
      at('2026-07-13T10:00:00Z', { durationMs: 90_000, ...answering(answers.slice(50), [700, 420]) }),
    );
    count.add(at('2026-07-13T11:00:00Z', { durationMs: 33_000, ...answering(answers.slice(0, 50)) }));
    count.add(at('2026-07-13T12:00:00Z', { durationMs: 0, outcome: 'failed' }));
    expect(count.figures()).toEqual([
      { day: '2026-07-12', ...NOTHING },
      {
        ...{
          day: '2026-07-13',
          calls: 3,
          minutes: 2.1,
          failed: 1,
          serviceFailures: 0,
          impaired: 0,
          bargeIns: 2,
        },
        ...{ answerMsP50: 50, answerMsP95: 95, bargeInMsP50: 420, bargeInMsP95: 700 },
        replyStepsP50: NOTHING.replyStepsP50,
      },
    ]);
  });

  test('give the medians of the steps of all replies; calls without these figures count as before', () => {
    const count = new DailyCounter(daysUpTo('2026-07-13', 1), daysIn('UTC'));
    const steps = (...heardMs: number[]): Partial<CatalogueEntry> => {
      const replySteps = { decidedMs: [350], textMs: [], tokenMs: [500, 480], audioMs: [600], heardMs };
      return { figures: { ...fullCall(1).figures!, replySteps } };
    };
    for (const given of [steps(700, 900), steps(800), answering([1])])
      count.add(at('2026-07-13T10:00:00Z', given));
    const [day] = count.figures();
    expect(day!.calls).toBe(3);
    expect(day!.replyStepsP50).toEqual({
      ...{ decidedMs: 350, textMs: null, tokenMs: 480, audioMs: 600, heardMs: 800 },
    });
  });

  test('omit days that were not counted completely', () => {
    const count = new DailyCounter(daysUpTo('2026-03-02', 4), daysIn('UTC'));
    count.forgetUpTo(Date.parse('2026-02-28T12:00:00Z'));
    expect(count.figures().map(({ day }) => day)).toEqual(['2026-03-01', '2026-03-02']);
  });
});
