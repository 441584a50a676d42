import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadPrompts } from '../../src/app/load-prompts.ts';
import { liveReplay } from '../../src/cli/live-replay.ts';
import { createLog } from '../../src/log.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { readFixture } from '../../src/simulator/fixtures/fixture.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { ffmpegDecode } from '../support/decoders.ts';
import { runOffhook as run } from '../support/run-offhook.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function folder(): string {
  return mkdtempSync(path.join(tmpdir(), 'offhook-commands-'));
}

describe('the commands', () => {
  test(
    'the demo makes a whole call and lists its files, whatever the environment says',
    { timeout: 90_000 },
    async () => {
      const ran = await run('demo', [], {
        OPENAI_API_KEY: 'not-used',
        TWILIO_AUTH_TOKEN: 'nor this',
        PORT: '1',
      });
      expect(ran.stderr).toBe('');
      expect(ran.status).toBe(0);
      const recording = /(\S+_conversation\.mp3)/u.exec(ran.stdout)?.[1];
      expect(recording).toBeDefined();
      const seconds = ffmpegDecode(recording!).length / 16_000;
      expect(seconds).toBeGreaterThan(20);
      expect(ran.stdout).toMatch(/recorded answers/u);
      expect(ran.stdout).toMatch(/Assistant: We are open all week\. .* —$/mu);
      expect(ran.stdout).toMatch(/Caller: Sorry, I only need Saturday\.$/mu);
    },
  );

  test('a live call is exported from its journal and replayed in no time', { timeout: 90_000 }, async () => {
    const directory = folder();
    const values = { RECORDINGS_DIRECTORY: directory, KEEP_JOURNALS: 'true', DEFAULT_AUDIO_FORMAT: 'flac' };
    const settings = readSettings(values, { dotEnv: {}, audioConfig: {} }, ROOT);
    if (!settings.ok) throw new Error(settings.errors.join('\n'));
    const prompts = path.join(ROOT, 'prompts');
    const { callSid, files } = await liveReplay(
      readFixture(readFileSync(path.join(ROOT, 'fixtures/calls/barge-in-greeting.jsonl'), 'utf8')),
      {
        settings: settings.settings,
        prompts: (await loadPrompts(prompts, prompts, 'en')).book,
        log: createLog({ level: 'silent' }),
        version: 'test',
      },
    );
    const fixture = path.join(directory, 'call.jsonl');
    const exported = await run('export', [callSid, '--out', fixture], values);
    expect(exported).toMatchObject({ status: 0, stderr: '' });
    const out = folder();
    const replayed = await run('replay', [fixture, '--fast', '--out', out]);
    expect(replayed).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(out)).toContain(`call_${callSid}_conversation.flac`);
    const lines = readFileSync(path.join(out, `call_${callSid}.txt`), 'utf8')
      .trimEnd()
      .split('\n');
    const words = (line: string): string => line.replace(/^\[[^\]]*\] /u, '');
    expect(lines.map(words)).toEqual(files.lines.map(words));
  });

  test.each([
    ['replay', [], 2, "missing required argument 'file'"],
    ['replay', ['no-such-file.jsonl'], 2, 'cannot be read'],
    ['replay', ['package.json', '--fast'], 2, 'line 1'],
    [
      'replay',
      ['fixtures/calls/keys.jsonl', '--format', 'aac'],
      2,
      'Allowed choices are mp3, wav, ogg, flac',
    ],
    ['export', ['--from', 'yesterday'], 2, 'must be a date'],
    ['erase', ['+4930123456'], 2, '--yes'],
    ['erase', [`CA${'f'.repeat(32)}`, '--yes'], 1, 'no such call'],
    [
      'replay',
      ['fixtures/calls/keys.jsonl', '--fast', '--out', '/proc/offhook'],
      2,
      '--out is "/proc/offhook"',
    ],
    ['sing', [], 2, 'unknown command'],
    ['export', ['../../etc/passwd'], 2, 'is not a CallSid'],
    ['export', [`CA${'f'.repeat(32)}`], 1, 'KEEP_JOURNALS'],
  ])('%s %j is refused with a sentence', async (command, parameters, status, sentence) => {
    const directory = folder();
    new DataDirectory(directory);
    const ran = await run(command, parameters, { RECORDINGS_DIRECTORY: directory });
    expect(ran.status).toBe(status);
    expect(ran.stderr).toContain(sentence);
  });

  test.each([
    ['serve', []],
    ['finish', []],
    ['reindex', []],
    ['replay', ['fixtures/calls/keys.jsonl', '--fast']],
  ])('%s says at once that its folder cannot be', async (command, parameters) => {
    for (const place of ['/proc/offhook/calls', '/proc/self', path.join(ROOT, 'package.json', 'calls')]) {
      const ran = await run(command, parameters, { RECORDINGS_DIRECTORY: place, PORT: '0' });
      expect([ran.status, ran.stdout]).toEqual([2, '']);
      expect(ran.stderr).toContain(`RECORDINGS_DIRECTORY is "${place}`);
    }
  });

  test('serve says so of the folder for the microphone, too', async () => {
    const directories = { RECORDINGS_DIRECTORY: folder(), MICROPHONE_DIRECTORY: '/proc/offhook' };
    const ran = await run('serve', [], { ...directories, PORT: '0' });
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain('MICROPHONE_DIRECTORY is "/proc/offhook"; it must be a folder');
  });

  test.each([
    ['erase', ['+4930123456', '--yes']],
    ['erase', [`CA${'f'.repeat(32)}`, '--yes']],
    ['export', ['--out', '-']],
    ['fixture', [`CA${'f'.repeat(32)}`]],
  ])('%s %j makes nothing where there is no installation', async (command, parameters) => {
    const directory = folder();
    for (const place of [directory, path.join(directory, 'none'), '/proc/offhook']) {
      const ran = await run(command, parameters, { RECORDINGS_DIRECTORY: place });
      expect([ran.status, ran.stdout]).toEqual([1, '']);
      expect(ran.stderr).toContain(`There is no installation in ${place}`);
    }
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each(['serve', 'demo', 'replay', 'fixture', 'export', 'finish', 'reindex', 'erase'])(
    '%s --help tells what it does',
    async (command) => {
      const ran = await run(command, ['--help']);
      expect(ran).toMatchObject({ status: 0, stderr: '' });
      expect(ran.stdout).toContain(`Usage: offhook ${command}`);
    },
  );
});
