import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { CALL_SID } from '../support/call-events.ts';
import { ownFolder } from '../support/own-folder.ts';

const OWNER = '11111111-1111-1111-1111-111111111111';
const OTHER = '22222222-2222-2222-2222-222222222222';

test('everything that works beside the recordings lies in one folder', () => {
  using folder = ownFolder();
  const folders = new DataDirectory(path.join(folder.path, 'a', 'b'));
  expect(readdirSync(folders.recordings)).toEqual(['.offhook']);
  expect(readdirSync(folders.state).sort()).toEqual([
    'aside',
    'erasing',
    'journals',
    'kept',
    'owners',
    'to-enter',
    'waiting',
  ]);
});

test('a journal tells its call and its owner, and other files are no journals', () => {
  using folder = ownFolder();
  const folders = new DataDirectory(folder.path);
  const journal = folders.journalPath(CALL_SID, OWNER);
  writeFileSync(journal, 'x');
  for (const name of [`${CALL_SID}.journal`, 'CAx.journal', `${CALL_SID}.${OWNER}.journal.old`, 'readme'])
    writeFileSync(path.join(folders.journals, name), '');
  expect(folders.activeJournals()).toEqual([{ callSid: CALL_SID, owner: OWNER, path: journal }]);
});

test('of two that claim a journal one gets it', () => {
  using folder = ownFolder();
  const folders = new DataDirectory(folder.path);
  writeFileSync(folders.journalPath(CALL_SID, OWNER), 'whole');
  const [found] = folders.activeJournals();
  const claimed = folders.claim(found!, OTHER);
  expect(claimed).toBe(folders.journalPath(CALL_SID, OTHER));
  expect(readFileSync(claimed!, 'utf8')).toBe('whole');
  expect(folders.claim(found!, '33333333-3333-3333-3333-333333333333')).toBeUndefined();
});

test('a journal that waits for a service belongs to nobody until it is claimed', () => {
  using folder = ownFolder();
  const folders = new DataDirectory(folder.path);
  writeFileSync(folders.pendingPath(CALL_SID), 'waits');
  const [waiting] = folders.pendingJournals();
  expect(waiting).toEqual({ callSid: CALL_SID, path: folders.pendingPath(CALL_SID) });
  expect(folders.activeJournals()).toEqual([]);
  expect(folders.claim(waiting!, OWNER)).toBe(folders.journalPath(CALL_SID, OWNER));
  expect(folders.pendingJournals()).toEqual([]);
  expect(folders.writtenAtMs(waiting!)).toBeUndefined();
});

test('files that a killed process had not completed are removed once nobody can be writing them', () => {
  using folder = ownFolder();
  const folders = new DataDirectory(folder.path);
  const part = path.join(folders.temporary, 'call_x.wav.1');
  writeFileSync(part, 'half');
  folders.removeAbandonedTemporaryFiles(Date.now() + 60_000);
  expect(existsSync(part)).toBe(true);
  folders.removeAbandonedTemporaryFiles(Date.now() + 7_200_000);
  expect(existsSync(part)).toBe(false);
});
