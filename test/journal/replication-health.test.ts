import { expect, test } from 'vitest';
import { ReplicationHealth } from '../../src/journal/replication-health.ts';

test('late copies are reported once, and once when they are complete', () => {
  const health = new ReplicationHealth();
  const fine = { calls: 1, backlogBytes: 0, lagMs: 90, error: undefined };
  const news = [90, 1_000, 1_001, 3_000, 999, 501, 500, 999, 0, 2_000].map((lagMs) =>
    health.check({ ...fine, lagMs }),
  );
  const quiet = undefined;
  expect(news).toEqual([quiet, quiet, 'raised', quiet, quiet, quiet, 'over', quiet, quiet, 'raised']);
  expect(health.isRaised).toBe(true);
});
