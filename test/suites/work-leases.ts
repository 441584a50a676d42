import { expect, test } from 'vitest';
import type { BusyLease, WorkLease, WorkLeases } from '../../src/storage/work-lease.ts';
import { comesTrue } from '../support/comes-true.ts';

export function held(answer: WorkLease | BusyLease): WorkLease {
  if ('holder' in answer) throw new Error(`${answer.holder} has the lease`);
  return answer;
}

/** What all leases of jobs promise. `other`: those of another machine, or the same ones. */
export function workLeasePromises(leases: () => { one: WorkLeases; other: WorkLeases }): void {
  test('a job has one holder until that releases it, and fences grow', async () => {
    const { one, other } = leases();
    const first = held(await one.acquire('a'));
    expect(await other.acquire('a')).toEqual({ holder: expect.any(String) as string });
    expect(await one.acquire('a')).toEqual({ holder: expect.any(String) as string });
    await first.release();
    const second = held(await other.acquire('a'));
    expect(second.fence).toBeGreaterThan(first.fence);
    await first.release();
    expect('holder' in (await one.acquire('a'))).toBe(true);
    expect(second.lost.aborted).toBe(false);
    await second.release();
  });

  test('of many that ask at once one gets the lease', async () => {
    const { one, other } = leases();
    const asked = Array.from({ length: 10 }, (_, each) => (each % 2 ? one : other).acquire('b'));
    const got = (await Promise.all(asked)).filter((answer) => !('holder' in answer));
    expect(got).toHaveLength(1);
    await held(got[0]!).release();
  });

  test('jobs do not wait for each other', async () => {
    const { one } = leases();
    const both = [held(await one.acquire('c')), held(await one.acquire('d'))];
    await Promise.all(both.map((lease) => lease.release()));
  });

  test('a lease lasts longer than its time while its holder lives', async () => {
    const { one, other } = leases();
    const lease = held(await one.acquire('e'));
    const startedMs = performance.now();
    await comesTrue('the time of a lease of the tests is over', () => performance.now() - startedMs > 1_500);
    expect(lease.lost.aborted).toBe(false);
    expect('holder' in (await other.acquire('e'))).toBe(true);
    await lease.release();
  });
}
