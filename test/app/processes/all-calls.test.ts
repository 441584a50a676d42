import { describe, expect, test } from 'vitest';
import { NewCalls } from '../../../src/app/admission/new-calls.ts';
import { AllCalls } from '../../../src/app/processes/all-calls.ts';
import type { CallHost } from '../../../src/app/processes/call-host.ts';
import type { RingResult } from '../../../src/call/call-registry-options.ts';
import type { ListedCall } from '../../../src/desk/desk-ports.ts';
import { createLog } from '../../../src/log.ts';
import { HEALTH } from './health.ts';

const CALL = (callSid: string): ListedCall => ({
  ...{ callSid, from: '+1', to: '+2', startedAt: '2026-11-30T10:00:00Z' },
  ...{ state: 'listening', format: 'mp3' },
});

/** The calls of one process, and what was asked of them. */
class Host implements CallHost {
  readonly asked: string[] = [];
  readonly calls = new Set<string>();
  readonly health = HEALTH;
  answers = true;
  continued = true;

  get active(): number {
    return this.calls.size;
  }
  get connected(): number {
    return this.calls.size;
  }
  has(callSid: string): boolean {
    return this.calls.has(callSid);
  }
  metrics(): Promise<never[]> {
    return this.#done('metrics', []);
  }
  list(): ListedCall[] {
    return [...this.calls].map(CALL);
  }
  ring({ callSid }: { callSid: string }): Promise<RingResult> {
    return this.#done(`ring ${callSid}`, 'accepted', () => this.calls.add(callSid));
  }
  continues({ callSid }: { callSid: string }): Promise<boolean> {
    return this.#done(`continues ${callSid}`, this.continued);
  }
  completed(callSid: string): Promise<void> {
    return this.#done(`completed ${callSid}`, undefined);
  }
  expectStream({ callSid }: { callSid: string }): Promise<{ path: string; token: string }> {
    return this.#done(`expects ${callSid}`, { path: '/media-stream', token: 't' });
  }
  takeOver(callSid: string): Promise<boolean> {
    return this.#done(`takes over ${callSid}`, true);
  }
  handBack(callSid: string): Promise<boolean> {
    return this.#done(`hands back ${callSid}`, true);
  }
  decline(callSid: string): Promise<boolean> {
    return this.#done(`declines ${callSid}`, true);
  }
  say(callSid: string): void {
    this.asked.push(`says ${callSid}`);
  }
  guide(callSid: string): Promise<boolean> {
    return this.#done(`guides ${callSid}`, true);
  }
  hangUp(callSid: string): Promise<boolean> {
    return this.#done(`hangs up ${callSid}`, true);
  }
  setFormat(callSid: string): Promise<'set'> {
    return this.#done(`format of ${callSid}`, 'set');
  }

  #done<Result>(asked: string, result: Result, act?: () => unknown): Promise<Result> {
    if (!this.answers) return Promise.reject(new Error('no answer within 2000 ms'));
    this.asked.push(asked);
    act?.();
    return Promise.resolve(result);
  }
}

function system(maxCalls = 0) {
  const [own, first, second] = [new Host(), new Host(), new Host()];
  const log = createLog({ level: 'silent' });
  const newCalls = new NewCalls({ maxCalls, overloadDelayMs: 0 }, () => all, log);
  const all: AllCalls = new AllCalls({ own, others: { hosts: [first, second] }, newCalls, log });
  const ring = (callSid: string): Promise<RingResult> => all.ring({ callSid, from: '+1', to: '+2' });
  return { own, first, second, all, ring };
}

describe('AllCalls', () => {
  test('gives each new call to the process with the fewest', async () => {
    const { own, first, second, ring, all } = system();
    for (const callSid of ['a', 'b', 'c', 'd']) expect(await ring(callSid)).toBe('accepted');
    expect([own, first, second].map(({ active }) => active)).toEqual([2, 1, 1]);
    first.calls.clear();
    await ring('e');
    expect(first.has('e')).toBe(true);
    expect(all.active).toBe(4);
    expect(
      all
        .list()
        .map(({ callSid }) => callSid)
        .sort(),
    ).toEqual(['a', 'c', 'd', 'e']);
  });

  test('a repeated webhook goes to the process that has the call', async () => {
    const { first, ring } = system();
    first.calls.add('a');
    await ring('a');
    expect(first.asked).toEqual(['ring a']);
  });

  test('whatever concerns a call goes to its process; unknown calls are those of this process', async () => {
    const { own, second, all } = system();
    second.calls.add('a');
    for (const callSid of ['a', 'b']) {
      await all.continues(CALL(callSid));
      await all.completed(callSid);
      await all.expectStream({ callSid, from: '+1', to: '+2' });
      await all.takeOver(callSid);
      all.say(callSid, new Uint8Array(160));
      await all.guide(callSid, 'Be brief.');
      await all.handBack(callSid);
      await all.decline(callSid);
      await all.setFormat(callSid, 'wav');
      await all.hangUp(callSid);
    }
    const asked = (callSid: string): string[] =>
      `continues completed expects takes_over says guides hands_back declines format_of hangs_up`
        .split(' ')
        .map((what) => `${what.replace('_', ' ')} ${callSid}`);
    expect(second.asked).toEqual(asked('a'));
    expect(own.asked).toEqual(asked('b'));
  });

  test('a process that does not answer gets no call: the main process answers Twilio', async () => {
    const { own, first, second, ring, all } = system();
    own.calls.add('x');
    first.answers = false;
    second.calls.add('y');
    expect(await ring('a')).toBe('accepted');
    expect(own.has('a')).toBe(true);
    first.calls.add('b');
    await all.completed('b');
    expect(own.asked).toContain('completed b');
    await expect(all.takeOver('b')).rejects.toThrow('no answer');
  });

  test('a call of a process that has ended before it had a journal begins anew', async () => {
    const { own, first, all } = system();
    const [call, other] = [CALL('a'), CALL('b')];
    first.calls.clear();
    all.processEnded([call, other]);
    await all.completed('b');
    own.continued = false;
    expect(await all.continues(CALL('a'))).toBe(true);
    expect(await all.continues(CALL('b'))).toBe(false);
    expect(await all.continues(CALL('c'))).toBe(false);
    expect(own.asked.filter((what) => what.startsWith('ring'))).toEqual(['ring a']);
    own.continued = true;
    all.processEnded([call]);
    expect(await all.continues(CALL('a'))).toBe(true);
    expect(own.asked.filter((what) => what.startsWith('ring'))).toEqual(['ring a']);
  });

  test('the limit is that of all processes', async () => {
    const { ring } = system(2);
    expect([await ring('a'), await ring('b'), await ring('c'), await ring('a')]).toEqual([
      'accepted',
      'accepted',
      'busy',
      'accepted',
    ]);
  });
});
