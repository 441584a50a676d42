import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { CALL_SID } from '../support/call-events.ts';
import { ownFolder } from '../support/own-folder.ts';

const OWNER = '11111111-1111-1111-1111-111111111111';
const OTHER = '22222222-2222-2222-2222-222222222222';

test('all working state is in one directory', () => {
  using folder = ownFolder();
  const directories = new DataDirectory(path.join(folder.path, 'a', 'b'));
  expect(readdirSync(directories.recordings)).toEqual(['.offhook']);
  expect(readdirSync(directories.state).sort()).toEqual([
    'aside',
    'erasing',
    'journals',
    'kept',
    'owners',
    'to-enter',
    'waiting',
  ]);
});

test('a journal name has its call and owner, and other files are no journals', () => {
  using folder = ownFolder();
  const directories = new DataDirectory(folder.path);
  const journal = directories.journalPath(CALL_SID, OWNER);
  writeFileSync(journal, 'x');
  for (const name of [`${CALL_SID}.journal`, 'CAx.journal', `${CALL_SID}.${OWNER}.journal.old`, 'readme'])
    writeFileSync(path.join(directories.journals, name), '');
  expect(directories.activeJournals()).toEqual([{ callSid: CALL_SID, owner: OWNER, path: journal }]);
  expect(directories.activeJournals(CALL_SID)).toEqual(directories.activeJournals());
  expect(directories.activeJournals(`CA${'9'.repeat(32)}`)).toEqual([]);
});

test('only one of two simultaneous claims of a journal succeeds', () => {
  using folder = ownFolder();
  const directories = new DataDirectory(folder.path);
  writeFileSync(directories.journalPath(CALL_SID, OWNER), 'whole');
  const [found] = directories.activeJournals();
  const claimed = directories.claim(found!, OTHER);
  expect(claimed).toBe(directories.journalPath(CALL_SID, OTHER));
  expect(readFileSync(claimed!, 'utf8')).toBe('whole');
  expect(directories.claim(found!, '33333333-3333-3333-3333-333333333333')).toBeUndefined();
});

test('a pending journal has no owner until it is claimed', () => {
  using folder = ownFolder();
  const directories = new DataDirectory(folder.path);
  writeFileSync(directories.pendingPath(CALL_SID), 'waits');
  const [waiting] = directories.pendingJournals();
  expect(waiting).toEqual({ callSid: CALL_SID, path: directories.pendingPath(CALL_SID) });
  expect(directories.activeJournals()).toEqual([]);
  expect(directories.claim(waiting!, OWNER)).toBe(directories.journalPath(CALL_SID, OWNER));
  expect(directories.pendingJournals()).toEqual([]);
  expect(directories.writtenAtMs(waiting!)).toBeUndefined();
});

test('incomplete files of killed processes are removed after a time', () => {
  using folder = ownFolder();
  const directories = new DataDirectory(folder.path);
  const part = path.join(directories.temporary, 'call_x.wav.1');
  writeFileSync(part, 'half');
  directories.removeAbandonedTemporaryFiles(Date.now() + 60_000);
  expect(existsSync(part)).toBe(true);
  directories.removeAbandonedTemporaryFiles(Date.now() + 7_200_000);
  expect(existsSync(part)).toBe(false);
});
