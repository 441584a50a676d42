import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readJournal } from '../../src/journal/journal-reader.ts';
import { callerFrame } from '../support/call-events.ts';
import { limitFiles } from '../support/file-limit.ts';
import { openFiles } from '../support/open-files.ts';
import { framesIn, MOST_WAITING_BYTES, OwnJournals } from './own-journals.ts';

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
  test('at rest holds no open file, and continues behind the records that the disk accepted late', async () => {
    const journal = begin();
    await journal.written();
    expect(openFiles(journal.path)).toBe(1);
    const lift = limitFiles(2_000);
    try {
      for (let index = 0; index < 20; index += 1) journal.append(callerFrame(index));
      journal.closeFileWhenWritten();
      await expect(journal.written()).rejects.toThrow('not on disk');
    } finally {
      lift();
    }
    await journal.written();
    await vi.waitFor(() => expect(openFiles(journal.path)).toBe(0));
    expect(framesIn(journal.path)).toBe(20);
    journal.append(callerFrame(20));
    await journal.written();
    journal.closeFileWhenWritten();
    await vi.waitFor(() => expect(openFiles(journal.path)).toBe(0));
    expect(framesIn(journal.path)).toBe(21);
    await journal.close('orphaned');
    expect(journals.figures).toMatchObject({ open: 0, error: undefined });
  });

  test('at rest is still synced, and may be deleted before', async () => {
    const [stays, goes] = [begin(), begin(`CA${'e'.repeat(32)}`)];
    for (const journal of [stays, goes]) journal.closeFileWhenWritten();
    await vi.waitFor(() => expect(openFiles(directories.journals)).toBe(0));
    await goes.close('removed');
    journals.sync();
    await vi.waitFor(() => expect(journals.figures.syncLagMs).toBeGreaterThan(0));
    await stays.written();
    expect(journals.figures.error).toBeUndefined();
  });
});

describe('a journal on a full disk', () => {
  test('buffers records, reports it, and writes them once there is room', async () => {
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

  test('drops and counts audio beyond the limit, and keeps the texts', async () => {
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

  test('does not block the shutdown with a closed journal', async () => {
    const journal = begin();
    await journal.written();
    const lift = limitFiles(5_000);
    try {
      for (let index = 0; index < 100; index += 1) journal.append(callerFrame(index));
      await journal.close('orphaned');
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
