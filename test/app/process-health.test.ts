import { expect, test } from 'vitest';
import { joinedHealth } from '../../src/app/process-health.ts';
import { HEALTH } from './processes/health.ts';

test('several processes are one: numbers are added, the longest time counts, a problem is named once', () => {
  const one = {
    problems: ['chat: it answered 500', 'files of CA1 are retried: no space'],
    failing: [{ service: 'chat' }],
    isCatalogueDown: false,
    figures: { ...HEALTH.figures, finishingCalls: 2, unstoredCalls: 1, journalWriteLagMs: 40 },
  };
  const other = {
    problems: ['chat: it answered 500'],
    failing: [],
    isCatalogueDown: true,
    figures: { ...HEALTH.figures, finishingCalls: 3, unstoredCalls: 4, journalWriteLagMs: 10 },
  };
  expect(joinedHealth([one, other])).toEqual({
    problems: ['chat: it answered 500', 'files of CA1 are retried: no space'],
    failing: [{ service: 'chat' }],
    isCatalogueDown: true,
    figures: { ...HEALTH.figures, finishingCalls: 5, unstoredCalls: 5, journalWriteLagMs: 40 },
  });
  expect(joinedHealth([HEALTH, HEALTH])).toEqual(HEALTH);
});
