import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cookiesOf } from '../../suites/access.ts';
import { redisMachinePromises } from '../../suites/redis-machines.ts';
import { CALLER } from '../../suites/stream-tickets.ts';
import { held } from '../../suites/work-leases.ts';
import { sidOf } from '../../support/catalogued-calls.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { type SentinelGroup, startedSentinels } from '../../support/redis-processes.ts';

let group: SentinelGroup;
beforeAll(async () => {
  group = await startedSentinels();
});
afterAll(() => group.end());

describe('servers with sentinels', () => {
  const machines = redisMachinePromises(() => group.url);

  test('fail over in mid-call: the replica has tickets, sessions, claims and journals, and all of them go on', async () => {
    const { a, b } = machines();
    const [callSid, nowMs] = [sidOf(77), Date.now()];
    const ticket = await a.cluster.tickets.telephone.issue(CALLER, nowMs);
    const cookies = await cookiesOf(a.sessions, nowMs);
    const fence = (await a.cluster.machines.claims.take(callSid, undefined))!;
    const file = a.begins(callSid, fence, Buffer.from('before, '));
    await a.append(file, Buffer.from('until, '));
    const lease = held(await a.cluster.machines.work.leases.acquire('failover'));
    await group.killMaster();
    const { tickets } = a.cluster;
    await tickets.telephone.issue(CALLER, nowMs);
    expect(a.cluster.problems.length).toBeGreaterThan(0);
    await comesTrue(
      'the other server answers',
      () => a.cluster.problems.length + b.cluster.problems.length === 0,
    );
    await a.append(file, Buffer.from('after'));
    expect(await a.cluster.machines.claims.isOurs(callSid)).toBe(true);
    const claim = await b.cluster.machines.claims.read(callSid);
    expect(await b.cluster.machines.claims.take(callSid, claim)).toBeGreaterThan(fence);
    expect((await b.downloaded(callSid)).toString()).toBe('before, until, after');
    expect(await b.cluster.tickets.telephone.redeem(ticket, CALLER.callSid, nowMs)).toEqual(CALLER);
    expect(b.sessions.isLoggedIn(cookies, nowMs)).toBe(true);
    const late = await cookiesOf(a.sessions, nowMs);
    await comesTrue('a new login is known', () => b.sessions.isLoggedIn(late, nowMs));
    expect('holder' in (await b.cluster.machines.work.leases.acquire('failover'))).toBe(true);
    await lease.release();
    held(await b.cluster.machines.work.leases.acquire('failover'));
  });
});
