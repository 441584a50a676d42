import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { createLog } from '../../src/log.ts';
import type { ObjectStore } from '../../src/object-store/object-store.ts';
import { createTombstone } from '../../src/records/tombstone.ts';
import { CallEraser } from '../../src/retention/call-eraser.ts';
import { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { comesTrue } from '../support/comes-true.ts';
import { ownFolder } from '../support/own-folder.ts';

const SID = 'CA0123456789abcdef0123456789abcdef';
const OWNER = '11111111-1111-1111-1111-111111111111';
const URL = 's3://bucket/calls/recording.mp3';
const FILES = [`call_${SID}.json`, `call_${SID}.txt`, `call_${SID}_conversation.mp3`];

let disk: ReturnType<typeof ownFolder>;
let directories: DataDirectory;

beforeEach(() => {
  disk = ownFolder();
  directories = new DataDirectory(disk.path);
});
afterEach(() => disk[Symbol.dispose]());

/** Leaves the files of a finished call. */
function leaveFiles(json: object = {}): void {
  for (const name of FILES) writeFileSync(path.join(disk.path, name), JSON.stringify(json));
}

interface Scene {
  readonly state?: 'live' | 'finished';
  readonly remove?: (url: string) => Promise<boolean>;
  readonly isHeldElsewhere?: () => boolean;
  readonly isClaimed?: () => boolean;
}

function scene({
  state = 'finished',
  remove = () => Promise.resolve(true),
  isHeldElsewhere,
  isClaimed,
}: Scene = {}) {
  const clock = new VirtualClock(Date.parse('2026-07-13T10:00:00Z'));
  const done: string[] = [];
  const entry = { state, files: [{ url: URL }] };
  const catalogue = {
    get: () => Promise.resolve(entry),
    remove: (callSid: string) => Promise.resolve(done.push(`entry of ${callSid}`) > 0),
    scrub: () => Promise.resolve(done.push('scrub') > 0),
  };
  const eraser = new CallEraser({
    directories,
    worker: { createTombstone: (where, request) => Promise.resolve(createTombstone(where, request)) },
    holders: {
      isHeldElsewhere: () => Promise.resolve(isHeldElsewhere?.() ?? false),
      isHeld: () => Promise.resolve(isHeldElsewhere?.() ?? false),
    },
    finalizer: {
      abandon: (callSid) => Promise.resolve(void done.push(`abandon ${callSid}`)),
      isClaimed: () => isClaimed?.() ?? false,
    },
    catalogue: catalogue as unknown as Catalogue,
    store: { remove } as unknown as ObjectStore,
    log: createLog({ level: 'silent' }),
    clock,
  });
  return { eraser, clock, done };
}

describe('CallEraser', () => {
  it('removes files, remote files and entry, and names them', async () => {
    leaveFiles();
    const { eraser, done } = scene();
    const erasure = await eraser.erase(SID, 'asked');
    expect(erasure).toMatchObject({
      outcome: 'erased',
      receipt: { because: 'asked', remote: [URL], catalogue: 'removed' },
    });
    expect('receipt' in erasure && [...erasure.receipt.files].sort()).toEqual([...FILES].sort());
    expect(readdirSync(disk.path)).toEqual(['.offhook']);
    expect(directories.callsBeingErased()).toEqual([]);
    expect(done).toEqual([`abandon ${SID}`, `entry of ${SID}`, 'scrub']);
  });

  it('refuses a live call and a call on hold, and removes nothing', async () => {
    writeFileSync(directories.journalPath(SID, OWNER), '');
    expect((await scene({ state: 'live' }).eraser.erase(SID, 'asked')).outcome).toBe('live');
    leaveFiles({ hold: { sinceMs: 1, reason: 'court' } });
    const { eraser, done } = scene();
    expect((await eraser.erase(SID, 'asked')).outcome).toBe('held');
    expect(FILES.every((name) => existsSync(path.join(disk.path, name)))).toBe(true);
    expect(done).toEqual([]);
  });

  it('asked by another machine, erases also an unfinished journal of a process that has ended, and outdated ones', async () => {
    const outdated = directories.outdatedPath(`${SID}.${OWNER}.journal`);
    for (const file of [directories.journalPath(SID, OWNER), outdated]) writeFileSync(file, 'words');
    const live = scene({ state: 'live', isHeldElsewhere: () => true }).eraser;
    expect(await live.stateHere(SID)).toBe('live');
    expect((await live.eraseHere(SID)).outcome).toBe('live');
    const { eraser } = scene({ state: 'live' });
    expect(await eraser.stateHere(SID)).toBe('here');
    expect(await eraser.eraseHere(SID)).toMatchObject({
      outcome: 'erased',
      receipt: {
        files: [expect.stringContaining('journals/'), expect.stringContaining('outdated/')] as string[],
      },
    });
    expect([existsSync(outdated), await eraser.stateHere(SID)]).toEqual([false, 'absent']);
    leaveFiles({ hold: { sinceMs: 1, reason: 'court' } });
    expect(await eraser.stateHere(SID)).toBe('held');
    expect((await eraser.eraseHere(SID)).outcome).toBe('held');
  });

  it('shares one result between simultaneous requests', async () => {
    leaveFiles();
    const { eraser, done } = scene();
    const [one, two] = await Promise.all([eraser.erase(SID, 'asked'), eraser.erase(SID, 'asked')]);
    expect(two).toBe(one);
    expect(done.filter((step) => step.startsWith('entry'))).toHaveLength(1);
  });

  it('stays incomplete while the object store fails, and is resumed', async () => {
    leaveFiles();
    let isDown = true;
    const remove = (): Promise<boolean> =>
      isDown ? Promise.reject(new Error('down')) : Promise.resolve(true);
    const { eraser } = scene({ remove });
    expect(await eraser.erase(SID, 'age')).toMatchObject({ outcome: 'incomplete', receipt: { left: [URL] } });
    expect(directories.callsBeingErased()).toEqual([SID]);
    isDown = false;
    await eraser.resumeInterrupted();
    expect(directories.callsBeingErased()).toEqual([]);
  });

  it('waits at most 45 s for a live process that holds the call', async () => {
    leaveFiles();
    const { eraser, clock } = scene({ isHeldElsewhere: () => true });
    const startedAtMs = clock.nowMs;
    const erasure = eraser.erase(SID, 'asked');
    await comesTrue('the erasure has begun', () => directories.callsBeingErased().length === 1);
    await clock.goTo(startedAtMs + 44_000);
    expect(await Promise.race([erasure, Promise.resolve('waiting')])).toBe('waiting');
    await clock.goTo(startedAtMs + 46_000);
    expect(await erasure).toMatchObject({
      outcome: 'incomplete',
      receipt: { left: ['the process that still awaits texts of the call'] },
    });
  });

  it('removes nothing before a claimed call has been given to the finalizer and stopped', async () => {
    leaveFiles();
    let isClaimed = true;
    const { eraser, clock, done } = scene({ isClaimed: () => isClaimed });
    const erasure = eraser.erase(SID, 'asked');
    await comesTrue('the erasure has begun', () => done.includes(`abandon ${SID}`));
    expect(existsSync(path.join(disk.path, FILES[1]!))).toBe(true);
    isClaimed = false;
    await clock.goTo(clock.nowMs + 1_000);
    expect(await erasure).toMatchObject({ outcome: 'erased' });
    expect(done.filter((step) => step === `abandon ${SID}`)).toHaveLength(2);
  });

  it('removes only a tombstone that was never completed', async () => {
    leaveFiles();
    writeFileSync(path.join(directories.erasing, `${SID}.json`), '{');
    const { eraser } = scene();
    await eraser.resumeInterrupted();
    expect(directories.callsBeingErased()).toEqual([]);
    expect(existsSync(path.join(disk.path, FILES[0]!))).toBe(true);
  });
});
