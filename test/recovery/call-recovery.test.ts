import { expect, it } from 'vitest';
import type { Journal } from '../../src/journal/journal.ts';
import { CallRecovery } from '../../src/recovery/call-recovery.ts';
import type { ClaimedCall } from '../../src/recovery/orphaned-journals.ts';
import { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { JournalFile } from '../../src/storage/data-directory.ts';

const journalOf = (callSid: string): JournalFile => ({ callSid, owner: 'crashed', path: callSid });
const journal = {} as Journal;

function claimedAs(kind: ClaimedCall['kind'], callSid: string): ClaimedCall {
  if (kind === 'ended')
    return { kind, call: { callSid, journal, call: undefined, untranscribed: new Map() } };
  const history = {} as Extract<ClaimedCall, { kind: 'open' }>['history'];
  return { kind, identity: { callSid, from: '+1', to: '+2' }, journal, history };
}

interface Scene {
  /** Orphaned journals and how their calls are found. */
  readonly orphans?: Readonly<Record<string, ClaimedCall['kind']>>;
  /** CallSids of journals that a live process holds. */
  readonly held?: readonly string[];
  /** Reading a journal takes as long as this promise. */
  readonly reading?: Promise<void>;
}

function scene({ orphans = {}, held = [], reading = Promise.resolve() }: Scene) {
  const log: string[] = [];
  const clock = new VirtualClock(0);
  const found = [...Object.keys(orphans), ...held].map(journalOf);
  const recovery = new CallRecovery({
    clock,
    orphans: {
      adopt: () => Promise.resolve(undefined),
      all: () => Promise.resolve(found.filter(({ callSid }) => !held.includes(callSid))),
      of: (callSid) => found.filter((one) => one.callSid === callSid),
      isHeld: ({ callSid }) => Promise.resolve(held.includes(callSid)),
      claim: async ({ callSid }) => {
        log.push(`claim ${callSid}`);
        await reading;
        return claimedAs(orphans[callSid]!, callSid);
      },
    },
    target: {
      resume: ({ identity }) => log.push(`resume ${identity.callSid}`),
      finish: ({ callSid }) => log.push(`finish ${callSid}`),
    },
  });
  return { recovery, log, clock };
}

it('finishes ended calls only after all calls that may continue were resumed', async () => {
  const { recovery, log } = scene({ orphans: { one: 'ended', two: 'open', three: 'ended' } });
  await recovery.recoverAll();
  expect(log.filter((line) => !line.startsWith('claim'))).toEqual([
    'resume two',
    'finish one',
    'finish three',
  ]);
});

it('returns undefined for a call that no other process has started', () => {
  expect(scene({ orphans: { one: 'open' } }).recovery.acquire('other')).toBeUndefined();
});

it('resumes a call before it starts here again', async () => {
  const { recovery, log } = scene({ orphans: { one: 'open' } });
  expect(await recovery.acquire('one')).toBe(true);
  expect(log).toEqual(['claim one', 'resume one']);
});

it('leaves a call alone that a live process holds', async () => {
  const { recovery, log } = scene({ held: ['one'] });
  expect(await recovery.acquire('one')).toBe(false);
  expect(log).toEqual([]);
});

it('claims a journal once for simultaneous requests', async () => {
  let read = (): void => undefined;
  const reading = new Promise<void>((resolve) => (read = resolve));
  const { recovery, log } = scene({ orphans: { one: 'ended' }, reading });
  const all = recovery.recoverAll();
  const asked = [recovery.acquire('one'), recovery.acquire('one')];
  await new Promise((resolve) => setImmediate(resolve));
  expect(log).toEqual(['claim one']);
  read();
  await Promise.all([all, ...asked]);
  expect(log.filter((line) => line.startsWith('resume'))).toEqual([]);
});

it('refuses a call whose journal is not read within 8 s', async () => {
  const { recovery, clock } = scene({ orphans: { one: 'open' }, reading: new Promise(() => undefined) });
  const settled = recovery.acquire('one');
  await clock.goTo(7_999);
  expect(await Promise.race([settled, Promise.resolve('waiting')])).toBe('waiting');
  await clock.goTo(8_001);
  expect(await settled).toBe(false);
});
