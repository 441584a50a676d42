import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallEvent } from '../../src/events/call-events.ts';
import { encodeRecord, JOURNAL_MAGIC } from '../../src/journal/record-codec.ts';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { callBegins, callEnds, callerFrame } from '../support/call-events.ts';
import { fileIsThere } from '../support/file-appears.ts';
import { readJson } from './kept-sound.ts';
import { type Ground, makeGround } from './own-server.ts';
import { runFinish } from './run-finish.ts';
import { startServer } from './server-process.ts';

const DEAD = '11111111-1111-1111-1111-111111111111';
const DONE = 0;

let ground: Ground;

beforeAll(async () => {
  ground = await makeGround();
});

afterAll(() => ground.clear());

const finish = (settings: Readonly<Record<string, string>> = {}) => runFinish(ground.folder, settings);

/** A journal that a dead process left so long ago; its call was two months before these lines were written. */
function leaveJournal(
  callSid: string,
  more: readonly CallEvent[],
  ageMs = 0,
  file = new DataDirectory(ground.folder).journalPath(callSid, DEAD),
): string {
  const frames = Array.from({ length: 100 }, (_, index) => callerFrame(index));
  const events = [...callBegins(callSid), ...frames, ...more];
  writeFileSync(file, Buffer.concat([JOURNAL_MAGIC, ...events.map(encodeRecord)]));
  const at = new Date(Date.now() - ageMs);
  utimesSync(file, at, at);
  return file;
}

describe('npm run finish', () => {
  test('has nothing to do in an empty directory', async () => {
    const { code, said } = await finish();
    expect(said).toContain('nothing was left to do');
    expect(code).toBe(DONE);
  });

  test('finishes the calls of crashed processes, and finds nothing the second time', async () => {
    const [over, open] = [newSid('CA'), newSid('CA')];
    leaveJournal(over, [callEnds(2_000)]);
    leaveJournal(open, [], 40_000);
    const { code, said } = await finish();
    expect(said).toContain('2 calls finished, 0 not complete');
    expect(code).toBe(DONE);
    expect(readJson(ground.folder, over)).toMatchObject({ endReason: 'completed', durationMs: 2_000 });
    expect(readJson(ground.folder, open)).toMatchObject({ endReason: 'interrupted', durationMs: 2_000 });
    expect((await finish()).said).toContain('nothing was left to do');
    expect(ground.state('journals')).toEqual([]);
  });

  test('creates the same files from the same journal every time', async () => {
    const callSid = newSid('CA');
    const journal = leaveJournal(callSid, [callEnds(2_000)]);
    const bytes = readFileSync(journal);
    const filesNow = () =>
      ['.txt', '_summary.txt', '_conversation.wav', '.json'].map((ending) =>
        readFileSync(path.join(ground.folder, `call_${callSid}${ending}`)),
      );
    await finish();
    const first = filesNow();
    writeFileSync(journal, bytes);
    await finish();
    expect(filesNow()).toEqual(first);
  });
});

describe('a start', () => {
  test('resumes calls that wait for a transcriber once there is one, and calls that waited too long', async () => {
    const directories = new DataDirectory(ground.folder);
    const [helped, old] = [newSid('CA'), newSid('CA')];
    const lacking: CallEvent[] = [
      { kind: 'utterance', atMs: 0, turn: 1, startMs: 200, endMs: 1_500, asked: false },
      callEnds(2_000),
    ];
    leaveJournal(helped, lacking, 0, directories.pendingPath(helped));
    leaveJournal(old, lacking, 40 * 86_400_000, directories.pendingPath(old));
    const without = await startServer(ground.folder, { DEFAULT_AUDIO_FORMAT: 'wav' });
    await fileIsThere(path.join(ground.folder, `call_${old}.json`));
    const transcript = readFileSync(path.join(ground.folder, `call_${old}.txt`), 'utf8');
    expect(transcript).toBe('[00:00.200] Caller: [not transcribed]\n');
    without.signal('SIGTERM');
    expect(await without.ended).toBe(0);
    expect(ground.state('waiting')).toEqual([`${helped}.journal`]);
    const having = await ground.start({ PENDING_DAYS: '3650' });
    await fileIsThere(path.join(ground.folder, `call_${helped}.json`));
    expect(readJson(ground.folder, helped).turns[0]).toMatchObject({ speaker: 'caller' });
    having.signal('SIGTERM');
    expect(await having.ended).toBe(0);
  });
});
