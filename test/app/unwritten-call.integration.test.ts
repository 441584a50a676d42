import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { AudioFormat } from '../../src/audio/formats/formats.ts';
import type { CallEvent } from '../../src/events/call-events.ts';
import { encodeRecord, JOURNAL_MAGIC } from '../../src/journal/record-codec.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { CALL_SID, callBegins, callEnds, callerFrame } from '../support/call-events.ts';
import { openOffice } from '../support/call-storage.ts';
import { comesTrue } from '../support/comes-true.ts';
import { Offhook } from '../support/test-server.ts';

const DEAD_PROCESS = '11111111-1111-1111-1111-111111111111';

interface ShownCall {
  readonly state: string;
  readonly unwritten?: string;
}
interface Health {
  readonly status: string;
  readonly problems?: readonly string[];
  readonly unwrittenCalls: number;
}

let offhook: Offhook;
afterEach(() => offhook.close());

/** The journal of a call, with a format that may be none. */
function journalOf(format: string, { ended = true } = {}): Buffer {
  const [ringing, stream] = callBegins();
  const begins = { ...ringing, format: format as AudioFormat } as CallEvent;
  const events = [begins, stream!, ...Array.from({ length: 50 }, (_, i) => callerFrame(i))];
  if (ended) events.push(callEnds(1_000));
  return Buffer.concat([JOURNAL_MAGIC, ...events.map(encodeRecord)]);
}

/** What a process that crashed left: a call in the catalogue and its journal. */
async function leaveCall(directory: string): Promise<void> {
  const { storage, catalogue, end } = await openOffice(directory);
  const people = { callSid: CALL_SID, from: '+15550100', to: '+15550199' };
  await catalogue.putCall({
    ...{
      ...people,
      startedAtMs: 1_790_000_000_000,
      state: 'finishing',
      format: 'wav',
      keywords: [],
      files: [],
    },
  });
  writeFileSync(storage.directories.journalPath(CALL_SID, DEAD_PROCESS), journalOf('aac'));
  await end();
}

async function asked<T>(address: string): Promise<T> {
  return (await fetch(`${offhook.url}${address}`)).json() as Promise<T>;
}

/** Worker threads start first, which takes seconds on a busy machine. */
const isDegraded = (): Promise<void> =>
  comesTrue('it is reported', async () => (await asked<Health>('/health')).status === 'degraded');

const errorLines = (): string[] =>
  offhook.logged.filter((line) => line.includes('call files could not be written'));

test('a call whose files cannot be written is reported once, listed with the reason, and written by the next attempt', async () => {
  offhook = await Offhook.start({}, { catalogue: true, prepare: leaveCall });
  await isDegraded();

  const health = await asked<Health>('/health');
  expect(health.unwrittenCalls).toBe(1);
  expect(health.problems).toEqual([
    expect.stringMatching(/CA0123.*could not be written: TypeError.*finish/u),
  ]);
  const call = await asked<ShownCall>(`/api/calls/${CALL_SID}`);
  expect(call).toMatchObject({
    state: 'finishing',
    unwritten: expect.stringContaining('TypeError') as string,
  });
  const { calls } = await asked<{ calls: ShownCall[] }>('/api/calls');
  expect(calls[0]?.unwritten).toBe(call.unwritten);
  expect(errorLines()).toHaveLength(1);
  expect(errorLines()[0]).toContain('"level":50');

  const directories = new DataDirectory(offhook.directory);
  await comesTrue('its journal waits', () => existsSync(directories.pendingPath(CALL_SID)));
  writeFileSync(directories.pendingPath(CALL_SID), journalOf('wav'));
  const { maintenance, end } = await openOffice(offhook.directory, { CATALOGUE: '' });
  expect((await maintenance.finishOrphanedCalls()).incomplete).toBe(0);
  await end();
  expect(existsSync(path.join(offhook.directory, `call_${CALL_SID}.json`))).toBe(true);
  expect((await asked<Health>('/health')).status).toBe('ok');
});

test('an unreadable journal is kept, reported and listed', async () => {
  offhook = await Offhook.start(
    {},
    {
      catalogue: true,
      prepare: async (directory) => {
        await leaveCall(directory);
        const damaged = encodeRecord({ kind: 'end' } as CallEvent);
        // A record whose checksum is right and whose text is none: a TypeError or SyntaxError of the reader.
        damaged.fill('x', 9);
        const { crc32 } = await import('node:zlib');
        damaged.writeUInt32LE(crc32(damaged.subarray(8)), 4);
        const journal = new DataDirectory(directory).journalPath(CALL_SID, DEAD_PROCESS);
        writeFileSync(journal, Buffer.concat([journalOf('wav'), damaged]));
      },
    },
  );
  await isDegraded();
  expect((await asked<Health>('/health')).problems).toEqual([expect.stringContaining('SyntaxError')]);
  expect(await asked(`/api/calls/${CALL_SID}`)).toHaveProperty('unwritten');
  const waiting = new DataDirectory(offhook.directory).pendingPath(CALL_SID);
  await comesTrue('its journal waits', () => existsSync(waiting));
  await offhook.close();
  expect(offhook.logged.filter((line) => line.includes('"level":50'))).toHaveLength(1);
});

test('a live call whose journal is readable again after a restart is finished', async () => {
  offhook = await Offhook.start(
    {},
    {
      catalogue: true,
      prepare: async (directory) => {
        await leaveCall(directory);
        const directories = new DataDirectory(directory);
        rmSync(directories.journalPath(CALL_SID, DEAD_PROCESS));
        writeFileSync(directories.pendingPath(CALL_SID), journalOf('wav', { ended: false }));
        directories.unwritten.add(CALL_SID, 'SyntaxError: Unexpected token');
      },
    },
  );
  await offhook.finished(CALL_SID);
  expect(offhook.json(CALL_SID).endReason).toBe('interrupted');
  expect((await asked<Health>('/health')).unwrittenCalls).toBe(0);
});
