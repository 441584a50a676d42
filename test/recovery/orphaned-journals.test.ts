import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallEvent } from '../../src/events/call-events.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { createLog } from '../../src/log.ts';
import { reconstructCall } from '../../src/records/reconstruct-call.ts';
import { OrphanedJournals } from '../../src/recovery/orphaned-journals.ts';
import { DataDirectory, type JournalFile } from '../../src/storage/data-directory.ts';
import { MemoryJournal } from '../doubles/memory-journal.ts';
import { TOLD_SID, ToldCall, usualCall } from '../records/told-call.ts';
import { ownFolder } from '../support/own-folder.ts';

const OWN = '00000000-0000-0000-0000-000000000000';
const CRASHED = '11111111-1111-1111-1111-111111111111';
const ALIVE = '22222222-2222-2222-2222-222222222222';

let disk: ReturnType<typeof ownFolder>;
let directories: DataDirectory;
let appended: MemoryJournal;
let claims: string[];

beforeEach(() => {
  disk = ownFolder();
  directories = new DataDirectory(disk.path);
  appended = new MemoryJournal();
  claims = [];
});
afterEach(() => disk[Symbol.dispose]());

/** `read`: what reading the claimed journal does. */
function orphans(read: () => readonly CallEvent[]): OrphanedJournals {
  return new OrphanedJournals({
    directories,
    lease: { id: OWN, isAlive: (id) => Promise.resolve(id === ALIVE || id === OWN) },
    journals: { resume: () => appended as unknown as Journal },
    worker: { read: () => Promise.resolve().then(() => reconstructCall(read())) },
    observer: {
      claimBegan: (callSid) => void claims.push(`${callSid}: began`),
      claimRetried: (callSid, error) => void claims.push(`${callSid}: ${String(error)}`),
      claimSettled: (callSid, result) => void claims.push(`${callSid}: ${result}`),
    },
    log: createLog({ level: 'silent' }),
  });
}

function leave(owner = CRASHED): JournalFile {
  const path = directories.journalPath(TOLD_SID, owner);
  writeFileSync(path, '');
  return { callSid: TOLD_SID, owner, path };
}

/** A call that was live at the crash. */
const live = (): readonly CallEvent[] => new ToldCall().caller(0, 1_000, 440).events;

describe('OrphanedJournals', () => {
  it('finds the journals of crashed processes only', async () => {
    const orphan = leave();
    leave(ALIVE);
    leave(OWN);
    const found = orphans(live);
    expect(await found.all()).toEqual([orphan]);
    expect(found.of(TOLD_SID).map(({ owner }) => owner)).toEqual([CRASHED, ALIVE]);
    expect(await found.isHeldElsewhere(TOLD_SID)).toBe(true);
  });

  it('claims the journal of a live call, and notes that its stream ended with the crash', async () => {
    const claimed = await orphans(live).claim(leave());
    expect(claimed).toMatchObject({
      kind: 'open',
      identity: { callSid: TOLD_SID },
      history: { endMs: 1_000 },
    });
    expect(appended.events).toMatchObject([{ kind: 'stream-end', reason: 'crash' }]);
    expect(readdirSync(directories.journals)).toEqual([`${TOLD_SID}.${OWN}.journal`]);
  });

  it('claims the journal of an ended call and adds nothing', async () => {
    const claimed = await orphans(() => usualCall().events).claim(leave());
    expect(claimed).toMatchObject({ kind: 'ended', call: { callSid: TOLD_SID } });
    expect(appended.events).toEqual([]);
  });

  it('ends a call that crashed before its first stream', async () => {
    const claimed = await orphans(() => new ToldCall({ stream: false }).events).claim(leave());
    expect(claimed?.kind).toBe('ended');
    expect(appended.events).toMatchObject([{ kind: 'end', reason: 'interrupted' }]);
  });

  it('sets a journal aside that holds no call', async () => {
    expect(await orphans(() => []).claim(leave())).toBeUndefined();
    expect(existsSync(directories.keptPath(TOLD_SID))).toBe(true);
  });

  it('removes the journal of a call that is being erased', async () => {
    mkdirSync(directories.erasing, { recursive: true });
    writeFileSync(`${directories.erasing}/${TOLD_SID}.json`, '{}');
    expect(await orphans(live).claim(leave())).toBeUndefined();
    expect(readdirSync(directories.journals)).toEqual([]);
  });

  it('removes the incomplete recording of a call that was live at the crash, and no other file', async () => {
    const file = (name: string): string => path.join(directories.temporary, name);
    writeFileSync(file(`call_${TOLD_SID}_conversation.mp3.1`), 'half');
    writeFileSync(file(`call_${TOLD_SID}.json.2`), 'half');
    await orphans(live).claim(leave());
    expect(readdirSync(directories.temporary)).toEqual([`call_${TOLD_SID}.json.2`]);
  });

  it('leaves a journal to the process that claimed it first', async () => {
    const orphan = leave();
    leave(OWN);
    expect(await orphans(live).claim(orphan)).toBeUndefined();
    expect(readdirSync(directories.journals)).toHaveLength(2);
  });

  it('keeps an unreadable journal with the reason, and reports it', async () => {
    const claimed = await orphans(() => {
      throw new SyntaxError('Unexpected token');
    }).claim(leave());
    expect(claimed).toBeUndefined();
    expect(existsSync(directories.pendingPath(TOLD_SID))).toBe(true);
    expect(directories.unwritten.reasonOf(TOLD_SID)).toContain('Unexpected token');
  });

  it('returns a journal that cannot be read for now to its name for the next round', async () => {
    const found = leave();
    await orphans(() => {
      throw Object.assign(new Error('read'), { code: 'EIO' });
    }).claim(found);
    expect(readdirSync(directories.journals)).toEqual([path.basename(found.path)]);
    expect(directories.unwritten.has(TOLD_SID)).toBe(false);
    expect(claims).toEqual([`${TOLD_SID}: began`, `${TOLD_SID}: Error: read`]);
    expect(await orphans(live).claim(found)).toBeDefined();
    expect(claims.slice(2)).toEqual([`${TOLD_SID}: began`, `${TOLD_SID}: other`]);
  });
});
