import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readJournal } from '../../../src/journal/journal-reader.ts';
import type { CallToFinalize } from '../../../src/records/finalization/finalizer-options.ts';
import { openOffice, type OwnOffice } from '../../support/call-storage.ts';
import { recordingName } from '../../../src/records/recording/render-recording.ts';
import { TOLD_SID, ToldCall } from '../../records/told-call.ts';
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

it('has the last events of a call on disk when it stops, also if nobody finishes the call', async () => {
  const journal = office.storage.openJournal(SID);
  const events = eventsOf({ callSid: SID, from: '+15550100' });
  for (const event of events) journal.append(event);
  await office.end();
  expect([...readJournal(journal.path)]).toHaveLength(events.length);
  expect([...readJournal(journal.path)].at(-1)).toMatchObject({ kind: 'end' });
  office = await openOffice(disk.path);
});

const LENGTH_MS = 80_000;

/** A call that lasts, of which what is settled has been encoded. */
async function encodedCall() {
  const { storage } = office;
  const told = new ToldCall({ format: 'mp3' }).caller(0, 2_000).says(2_000, 3_000);
  told.caller(2_000, LENGTH_MS - 2_000, 440).ends(LENGTH_MS);
  const { events } = told;
  const journal = storage.openJournal(TOLD_SID);
  const lateEvents = events.splice(-500);
  for (const event of events) journal.append(event);
  await journal.written();
  const { recordings: directory, temporary } = storage.directories;
  const settings = { ...storage.options.settings.recording, directory, temporary };
  expect(await storage.worker.live.advance(journal.path, settings)).toBe('current');
  for (const event of lateEvents) journal.append(event);
  const call: CallToFinalize = { callSid: TOLD_SID, journal, call: undefined, untranscribed: new Map() };
  return { call, told: [...events, ...lateEvents] };
}

const incomplete = (): string[] => readdirSync(office.storage.directories.temporary);
const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

it('completes a recording that was encoded during its call, with the bytes of one that is encoded afterwards', async () => {
  const { call, told } = await encodedCall();
  expect(incomplete()).toHaveLength(1);
  await office.storage.finish(call);
  expect(incomplete()).toEqual([]);
  const live = sha256(path.join(disk.path, recordingName(TOLD_SID, 'mp3')));

  using elsewhere = ownFolder();
  const other = await openOffice(elsewhere.path);
  const journal = other.storage.openJournal(TOLD_SID);
  for (const event of told) journal.append(event);
  await other.storage.finish({ ...call, journal });
  await other.end();
  expect(sha256(path.join(elsewhere.path, recordingName(TOLD_SID, 'mp3')))).toBe(live);
  const record = `call_${TOLD_SID}.json`;
  expect(sha256(path.join(elsewhere.path, record))).toBe(sha256(path.join(disk.path, record)));
});

it('encodes from the journal what cannot be completed, and says so', async () => {
  const { call } = await encodedCall();
  for (const name of incomplete()) rmSync(path.join(office.storage.directories.temporary, name));
  await office.storage.finish(call);
  expect(settled).toEqual([TOLD_SID]);
  expect(office.logged.join('')).toContain('recording could not be encoded during its call');
  expect(existsSync(path.join(disk.path, recordingName(TOLD_SID, 'mp3')))).toBe(true);
  expect(incomplete()).toEqual([]);
});

it('removes the incomplete recordings of calls that last when it stops', async () => {
  await encodedCall();
  await office.end();
  expect(incomplete()).toEqual([]);
  office = await openOffice(disk.path);
});

it('removes the incomplete recording of a call that is erased', async () => {
  const { call } = await encodedCall();
  const finished = office.storage.finish({
    ...call,
    call: { allTextsArrived: () => new Promise(() => undefined), giveUpTexts: () => undefined },
  });
  await office.storage.finalizer.abandon(TOLD_SID);
  await finished;
  expect(incomplete()).toEqual([]);
});
