import { expect, test } from 'vitest';
import { CallHandOver } from '../../../src/app/machines/call-hand-over.ts';
import { createLog } from '../../../src/log.ts';

const CALL = 'CA1';

test('a machine that asks for a call that is being given away waits until its journal is complete', async () => {
  const done: string[] = [];
  let isKnown = true;
  let replicated = (): void => undefined;
  const journal = {
    callSid: CALL,
    path: 'journal',
    written: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const registry = {
    list: () => (isKnown ? [{ identity: { callSid: CALL, from: '+1', to: '+2' }, state: 'live' }] : []),
    get: () => ({ isBetweenTurns: true }),
    handOver: () => {
      isKnown = false;
      return journal;
    },
  };
  const storage = {
    isFinished: () => false,
    encoding: { ends: () => undefined, forget: () => Promise.resolve() },
    finalized: { publish: () => undefined },
  };
  const handOver = new CallHandOver({
    calls: { registry, storage } as never,
    claims: { release: () => Promise.resolve(void done.push('claim released')) } as never,
    replication: {
      replicated: () => new Promise((resolve) => (replicated = () => resolve(true))),
    },
    log: createLog({ level: 'silent' }),
    clock: { now: () => 0 },
  });
  const given = handOver.giveAway('between turns');
  // The stream is closed, and Twilio has asked the other machine.
  const asked = handOver.release(CALL, true).then((result) => done.push(result));
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual([]);
  replicated();
  await Promise.all([given, asked]);
  expect(done).toEqual(['claim released', 'released']);
  expect(await handOver.release(CALL, true)).toBe('unknown');
});
