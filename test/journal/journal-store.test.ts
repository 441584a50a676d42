import { readdirSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { JournalHealth } from '../../src/journal/journal-health.ts';
import { readJournal } from '../../src/journal/journal-reader.ts';
import { JournalStore } from '../../src/journal/journal-store.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { CALL_SID, callBegins, callEnds, callerFrame } from '../support/call-events.ts';
import { limitFiles } from '../support/file-limit.ts';
import { openFiles } from '../support/open-files.ts';
import { ownFolder } from '../support/own-folder.ts';

const OWNER = '11111111-1111-1111-1111-111111111111';
const MOST_WAITING_BYTES = 200_000;

let folder: ReturnType<typeof ownFolder>;
let folders: DataDirectory;
let journals: JournalStore;
let rounds: NodeJS.Timeout;

beforeEach(async () => {
  folder = ownFolder();
  folders = new DataDirectory(folder.path);
  journals = new JournalStore(folders, () => performance.now(), MOST_WAITING_BYTES);
  await journals.begin();
  rounds = setInterval(() => journals.flush(), 10);
});

afterEach(async () => {
  clearInterval(rounds);
  await journals.end();
  folder[Symbol.dispose]();
});

function begin(callSid = CALL_SID) {
  const journal = journals.create(callSid, OWNER);
  for (const event of callBegins(callSid)) journal.append(event);
  return journal;
}

const framesIn = (file: string): number =>
  [...readJournal(file)].filter(({ kind }) => kind === 'caller').length;

describe('a journal', () => {
  test('is on disk once it says so, each call its own, however the calls alternate', async () => {
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

  test('that was torn is gone on with behind its last whole record', async () => {
    const first = begin();
    for (let index = 0; index < 10; index += 1) first.append(callerFrame(index));
    await first.close('pending');
    truncateSync(first.path, statSync(first.path).size - 5);
    const second = journals.takeUp(first.path, CALL_SID);
    second.append(callerFrame(99));
    await second.written();
    const streamMs = [...readJournal(first.path)].flatMap((e) => (e.kind === 'caller' ? [e.streamMs] : []));
    expect(streamMs).toEqual([0, 20, 40, 60, 80, 100, 120, 140, 160, 1_980]);
  });

  test('that rests holds no file open, and goes on where it was, behind what the disk took late too', async () => {
    const journal = begin();
    await journal.written();
    expect(openFiles(journal.path)).toBe(1);
    const lift = limitFiles(2_000);
    try {
      for (let index = 0; index < 20; index += 1) journal.append(callerFrame(index));
      journal.rest();
      await expect(journal.written()).rejects.toThrow('not on disk');
    } finally {
      lift();
    }
    await journal.written();
    await vi.waitFor(() => expect(openFiles(journal.path)).toBe(0));
    expect(framesIn(journal.path)).toBe(20);
    journal.append(callerFrame(20));
    await journal.written();
    journal.rest();
    await vi.waitFor(() => expect(openFiles(journal.path)).toBe(0));
    expect(framesIn(journal.path)).toBe(21);
    await journal.close('pending');
    expect(journals.figures).toMatchObject({ open: 0, error: undefined });
  });

  test('that rests is synced all the same, and one that is gone by then is no trouble', async () => {
    const [stays, goes] = [begin(), begin(`CA${'e'.repeat(32)}`)];
    for (const journal of [stays, goes]) journal.rest();
    await vi.waitFor(() => expect(openFiles(folders.journals)).toBe(0));
    await goes.close('removed');
    journals.sync();
    await vi.waitFor(() => expect(journals.figures.syncLagMs).toBeGreaterThan(0));
    await stays.written();
    expect(journals.figures.error).toBeUndefined();
  });

  test.each([
    ['removed', []],
    ['pending', [`journals/${CALL_SID}.${OWNER}.journal`]],
    ['kept', [`kept/${CALL_SID}.journal`]],
    ['waiting', [`waiting/${CALL_SID}.journal`]],
  ] as const)('that is %s lies where it belongs', async (end, where) => {
    const journal = begin();
    journal.append(callEnds(20));
    await journal.close(end);
    const lying = readdirSync(folders.state, { recursive: true, encoding: 'utf8' });
    expect(lying.filter((name) => name.endsWith('.journal'))).toEqual(
      where.map((name) => path.normalize(name)),
    );
    expect(journals.figures.open).toBe(0);
  });
});

describe('on a full disk', () => {
  test('what is written waits in memory, is told of, and comes once there is room', async () => {
    const journal = begin();
    await journal.written();
    const lift = limitFiles(20_000);
    try {
      for (let index = 0; index < 200; index += 1) journal.append(callerFrame(index));
      await expect(journal.written()).rejects.toThrow(/not on disk: .*(EFBIG|ENOSPC)/);
      expect(journals.figures.backlogBytes).toBeGreaterThan(15_000);
      expect(journals.figures.error).toMatch(/EFBIG|ENOSPC/);
      expect(statSync(journal.path).size).toBeLessThanOrEqual(20_000);
    } finally {
      lift();
    }
    await journal.written();
    expect(framesIn(journal.path)).toBe(200);
    expect(journals.figures).toMatchObject({ backlogBytes: 0, lostEvents: 0, error: undefined });
  });

  test('sound beyond the bound is left out and counted, and what was said is kept', async () => {
    const journal = begin();
    await journal.written();
    const lift = limitFiles(10_000);
    try {
      for (let index = 0; index < 2_000; index += 1) journal.append(callerFrame(index));
      journal.append({ kind: 'text', atMs: 1, turn: 1, text: 'kept' });
      expect(journals.figures.backlogBytes).toBeLessThan(MOST_WAITING_BYTES + 1_000);
    } finally {
      lift();
    }
    await journal.written();
    const { lostEvents } = journals.figures;
    expect(lostEvents).toBeGreaterThan(500);
    expect(framesIn(journal.path)).toBe(2_000 - lostEvents);
    expect([...readJournal(journal.path)].at(-1)).toMatchObject({ kind: 'text', text: 'kept' });
  });

  test('a journal that is closed all the same does not hold up the end', async () => {
    const journal = begin();
    await journal.written();
    const lift = limitFiles(5_000);
    try {
      for (let index = 0; index < 100; index += 1) journal.append(callerFrame(index));
      await journal.close('pending');
    } finally {
      lift();
    }
    expect(framesIn(journal.path)).toBeGreaterThan(5);
    await vi.waitFor(() => {
      journals.flush();
      expect(journals.figures.backlogBytes).toBe(0);
    });
  });
});

test('the alarm is raised once and called off once', () => {
  const alarm = new JournalHealth();
  const fine = { open: 1, backlogBytes: 0, writeLagMs: 3, syncLagMs: 3, lostEvents: 0, error: undefined };
  const news = [
    fine,
    { ...fine, writeLagMs: 1_500 },
    { ...fine, writeLagMs: 2_500 },
    fine,
    { ...fine, lostEvents: 4 },
    { ...fine, lostEvents: 4 },
    { ...fine, lostEvents: 4, error: 'ENOSPC' },
  ].map((figures) => alarm.look(figures));
  expect(news).toEqual([undefined, 'raised', undefined, 'over', 'raised', 'over', 'raised']);
});
