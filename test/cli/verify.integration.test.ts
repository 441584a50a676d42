import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { ownFolder } from '../support/own-folder.ts';
import { runOffhook as run } from '../support/run-offhook.ts';

interface Check {
  readonly what: string;
  readonly verdict: string;
  readonly found: string;
}

let disk: ReturnType<typeof ownFolder>;
beforeEach(() => {
  disk = ownFolder();
});
afterEach(() => disk[Symbol.dispose]());

/** A finished call in this format; returns its CallSid. */
async function finishedCall(format: string): Promise<string> {
  const replayed = await run('replay', [
    ...['fixtures/calls/barge-in.jsonl', '--fast', '--out', disk.path, '--format', format],
  ]);
  expect(replayed.status).toBe(0);
  new DataDirectory(disk.path);
  return /call_(CA[0-9a-f]{32})\.json/u.exec(readdirSync(disk.path).join(' '))![1]!;
}

async function verified(callSid: string): Promise<{ status: number | null; checks: Record<string, Check> }> {
  const { status, stdout } = await run('verify', [callSid, '--json'], { RECORDINGS_DIRECTORY: disk.path });
  const checks = JSON.parse(stdout) as Check[];
  return { status, checks: Object.fromEntries(checks.map((check) => [check.what, check])) };
}

const recordingOf = (callSid: string, format: string): string =>
  path.join(disk.path, `call_${callSid}_conversation.${format}`);

describe('offhook verify', () => {
  test.each(['mp3', 'flac'])('finds a call in %s right', async (format) => {
    const { status, checks } = await verified(await finishedCall(format));
    expect(status).toBe(0);
    for (const what of ['files', 'recording', 'length', 'level', 'speech'])
      expect(checks[what]).toMatchObject({ verdict: 'ok' });
    expect(checks['placement']).toMatchObject({ verdict: 'not checked' });
  });

  test('finds a recording that was shortened, silenced, damaged or removed', async () => {
    const callSid = await finishedCall('wav');
    const file = recordingOf(callSid, 'wav');
    const whole = readFileSync(file);
    truncateSync(file, whole.length >> 1);
    const short = await verified(callSid);
    expect(short.status).toBe(1);
    expect(short.checks).toMatchObject({ recording: { verdict: 'fail' }, length: { verdict: 'fail' } });
    writeFileSync(file, writeWav(new Int16Array((whole.length - 44) / 2), 8_000));
    expect((await verified(callSid)).checks).toMatchObject({
      length: { verdict: 'ok' },
      level: { verdict: 'fail' },
      speech: { verdict: 'fail', found: expect.stringContaining('no sound at the times of') as string },
    });
    writeFileSync(file, 'no sound at all');
    expect((await verified(callSid)).checks['recording']).toMatchObject({
      verdict: 'fail',
      found: expect.stringContaining('cannot be decoded') as string,
    });
    rmSync(file);
    expect((await verified(callSid)).checks['recording']).toMatchObject({
      verdict: 'fail',
      found: expect.stringContaining('is missing') as string,
    });
  });

  test('names a missing transcript, and a call that does not exist', async () => {
    const callSid = await finishedCall('mp3');
    rmSync(path.join(disk.path, `call_${callSid}.txt`));
    expect((await verified(callSid)).checks['files']).toMatchObject({
      verdict: 'fail',
      found: `missing: call_${callSid}.txt`,
    });
    const none = await run('verify', [`CA${'f'.repeat(32)}`], { RECORDINGS_DIRECTORY: disk.path });
    expect([none.status, none.stdout]).toEqual([1, '']);
    expect(none.stderr).toContain('There is no finished call CA');
  });
});
