import { expect, test } from 'vitest';
import { JournalHealth } from '../../src/journal/journal-health.ts';

test('the alarm is raised once and cleared once', () => {
  const alarm = new JournalHealth();
  const fine = { open: 1, backlogBytes: 0, writeLagMs: 3, syncLagMs: 3, lostEvents: 0, error: undefined };
  const news = [
    fine,
    { ...fine, writeLagMs: 1_500 },
    { ...fine, writeLagMs: 2_500 },
    fine,
    { ...fine, lostEvents: 4 },
    { ...fine, lostEvents: 4 },
    { ...fine, lostEvents: 4, error: 'ENOSPC' },
  ].map((figures) => alarm.check(figures));
  expect(news).toEqual([undefined, 'raised', undefined, 'over', 'raised', 'over', 'raised']);
});
