import { expect, test } from 'vitest';
import { FailedAttemptLimiter } from '../../../src/http/auth/failed-attempt-limiter.ts';

function failTimes(limit: FailedAttemptLimiter, address: string, times: number, atMs = 0): void {
  for (let n = 0; n < times; n++) limit.failed(address, atMs);
}

test('thirty failures are allowed, then the address must wait', () => {
  const limit = new FailedAttemptLimiter();
  failTimes(limit, '203.0.113.9', 29);
  expect(limit.waitSeconds('203.0.113.9', 0)).toBe(0);
  failTimes(limit, '203.0.113.9', 1);
  expect(limit.waitSeconds('203.0.113.9', 0)).toBe(2);
  expect(limit.waitSeconds('203.0.113.10', 0)).toBe(0);
});

test('one failure expires after two seconds, all after a minute', () => {
  const limit = new FailedAttemptLimiter();
  failTimes(limit, '203.0.113.9', 1_000);
  expect(limit.waitSeconds('203.0.113.9', 1_999)).toBe(1);
  expect(limit.waitSeconds('203.0.113.9', 2_000)).toBe(0);
  failTimes(limit, '203.0.113.9', 30, 60_000);
  expect(limit.waitSeconds('203.0.113.9', 60_000)).toBe(2);
});

test('an IPv6 network counts as one address, others do not', () => {
  const limit = new FailedAttemptLimiter();
  for (let n = 0; n < 30; n++) limit.failed(`2001:db8:0:1::${n.toString(16)}`, 0);
  expect(limit.waitSeconds('2001:db8::1:ffff:0:0:1', 0)).toBe(2);
  expect(limit.waitSeconds('2001:db8:0:2::1', 0)).toBe(0);
});

test('IPv4 addresses on a dual-stack socket are counted separately', () => {
  const limit = new FailedAttemptLimiter();
  failTimes(limit, '::ffff:203.0.113.9', 30);
  expect(limit.waitSeconds('::ffff:203.0.113.9', 0)).toBe(2);
  expect(limit.waitSeconds('::ffff:203.0.113.10', 0)).toBe(0);
});

test('the table is limited and drops the address that was idle longest', () => {
  const limit = new FailedAttemptLimiter(2);
  failTimes(limit, 'a', 30);
  failTimes(limit, 'b', 30);
  failTimes(limit, 'a', 1, 1);
  failTimes(limit, 'c', 30, 1);
  expect(['a', 'b', 'c'].map((address) => limit.waitSeconds(address, 1) > 0)).toEqual([true, false, true]);
});
