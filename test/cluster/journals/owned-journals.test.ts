import { expect, test } from 'vitest';
import type { JournalReplication } from '../../../src/cluster/journals/journal-replication.ts';
import { OwnedJournals } from '../../../src/cluster/journals/owned-journals.ts';

/** Journals of a machine, whose calls and fences a test decides. */
function scene() {
  const fences = new Map<string, number>();
  const told: unknown[] = [];
  const replication = {
    begins: (call: unknown) => told.push(call),
    ends: (callSid: string) => told.push(`ends ${callSid}`),
    wrote: () => undefined,
  } as unknown as JournalReplication;
  const owned = new OwnedJournals(replication, (callSid) => fences.get(callSid));
  const taken = (): unknown[] => told.splice(0);
  return { fences, owned, taken };
}

test('a journal is replicated from its opening on, once the machine has the call', () => {
  const { fences, owned, taken } = scene();
  owned.opened({ callSid: 'one', path: '/one' }, 0);
  owned.opened({ callSid: 'two', path: '/two' }, 500);
  owned.wrote();
  expect(taken()).toEqual([]);
  fences.set('two', 3);
  owned.wrote();
  owned.wrote();
  expect(taken()).toEqual([{ callSid: 'two', path: '/two', fence: 3, offset: 500 }]);
  fences.set('one', 1);
  owned.wrote();
  expect(taken()).toEqual([{ callSid: 'one', path: '/one', fence: 1, offset: 0 }]);
});

test('a file that is opened again is the same journal', () => {
  const { fences, owned, taken } = scene();
  fences.set('one', 1);
  owned.opened({ callSid: 'one', path: '/one' }, 0);
  owned.wrote();
  owned.opened({ callSid: 'one', path: '/one' }, 9_000);
  owned.wrote();
  expect(taken()).toHaveLength(1);
});

test('a machine that loses a call sends nothing, and goes on with a new fence', () => {
  const { fences, owned, taken } = scene();
  fences.set('one', 1);
  owned.opened({ callSid: 'one', path: '/one' }, 0);
  owned.wrote();
  fences.delete('one');
  owned.wrote();
  expect(taken()).toHaveLength(1);
  fences.set('one', 2);
  owned.wrote();
  expect(taken()).toEqual([{ callSid: 'one', path: '/one', fence: 2, offset: 0 }]);
  owned.closed('one');
  owned.wrote();
  expect(taken()).toEqual(['ends one']);
});
