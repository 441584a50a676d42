import { mkdirSync, rmSync, readdirSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readJournal } from '../../src/journal/journal-reader.ts';
import { CALL_SID, callEnds, callerFrame } from '../support/call-events.ts';
import { framesIn, OWNER, OwnJournals } from './own-journals.ts';

let own: OwnJournals;
let directories: OwnJournals['directories'];
let journals: OwnJournals['journals'];

beforeEach(async () => {
  own = await OwnJournals.open();
  ({ directories, journals } = own);
});

afterEach(() => own.end());

const begin = (callSid?: string) => own.begin(callSid);

describe('a journal', () => {
  test('is on disk when it says so, one file per call, however the calls alternate', async () => {
    const other = `CA${'f'.repeat(32)}`;
    const [one, two] = [begin(), begin(other)];
    for (let index = 0; index < 500; index += 1) {
      one.append(callerFrame(index));
      if (index % 2 === 0) two.append(callerFrame(index));
    }
    await Promise.all([one.written(), two.written()]);
    expect(framesIn(one.path)).toBe(500);
    expect(framesIn(two.path)).toBe(250);
    expect(journals.figures).toMatchObject({ open: 2, backlogBytes: 0, lostEvents: 0, error: undefined });
  });

  test('with a torn tail is continued after its last complete record', async () => {
    const first = begin();
    for (let index = 0; index < 10; index += 1) first.append(callerFrame(index));
    await first.close('orphaned');
    truncateSync(first.path, statSync(first.path).size - 5);
    const second = journals.resume(first.path, CALL_SID);
    second.append(callerFrame(99));
    await second.written();
    const streamMs = [...readJournal(first.path)].flatMap((e) => (e.kind === 'caller' ? [e.streamMs] : []));
    expect(streamMs).toEqual([0, 20, 40, 60, 80, 100, 120, 140, 160, 1_980]);
  });

  test.each([
    ['removed', []],
    ['orphaned', [`journals/${CALL_SID}.${OWNER}.journal`]],
    ['kept', [`kept/${CALL_SID}.journal`]],
    ['pending', [`waiting/${CALL_SID}.journal`]],
  ] as const)('that is %s is in the right place', async (end, where) => {
    const journal = begin();
    journal.append(callEnds(20));
    await journal.close(end);
    const lying = readdirSync(directories.state, { recursive: true, encoding: 'utf8' });
    expect(lying.filter((name) => name.endsWith('.journal'))).toEqual(
      where.map((name) => path.normalize(name)),
    );
    expect(journals.figures.open).toBe(0);
  });

  test('that could not be moved is moved by the next attempt', async () => {
    const journal = begin();
    journal.append(callEnds(20));
    rmSync(directories.kept, { recursive: true });
    await expect(journal.close('kept')).rejects.toThrow(/ENOENT/);
    mkdirSync(directories.kept);
    await journal.close('kept');
    expect(readdirSync(directories.kept)).toEqual([`${CALL_SID}.journal`]);
    await journal.close('removed');
    expect(readdirSync(directories.kept)).toEqual([]);
  });
});
