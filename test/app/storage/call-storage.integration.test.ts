import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CallToFinalize } from '../../../src/records/finalization/finalizer-options.ts';
import { openOffice, type OwnOffice } from '../../support/call-storage.ts';
import { sidOf } from '../../support/catalogued-calls.ts';
import { ownFolder } from '../../support/own-folder.ts';
import { eventsOf } from '../../support/written-calls.ts';

const SID = sidOf(1);

let disk: ReturnType<typeof ownFolder>;
let office: OwnOffice;
let settled: string[];

beforeEach(async () => {
  disk = ownFolder();
  office = await openOffice(disk.path);
  settled = [];
  office.storage.finalized.subscribe((callSid) => void settled.push(callSid));
});
afterEach(async () => {
  await office.end();
  disk[Symbol.dispose]();
});

/** A call that has just ended. `texts`: resolves when its pending texts have arrived. */
function ended(texts: Promise<void>): CallToFinalize {
  const journal = office.storage.openJournal(SID);
  for (const event of eventsOf({ callSid: SID, from: '+15550100' })) journal.append(event);
  const call = { allTextsArrived: () => texts, giveUpTexts: () => undefined };
  return { callSid: SID, journal, call, untranscribed: new Map() };
}

it('reports a call as settled when its files exist', async () => {
  await office.storage.finish(ended(Promise.resolve()));
  expect(settled).toEqual([SID]);
  expect(office.storage.directories.isFinished(SID)).toBe(true);
});

it('reports a call as settled that is erased before its files exist', async () => {
  const finished = office.storage.finish(ended(new Promise(() => undefined)));
  await office.storage.finalizer.abandon(SID);
  await finished;
  expect(settled).toEqual([SID]);
  expect(office.storage.directories.isFinished(SID)).toBe(false);
});
