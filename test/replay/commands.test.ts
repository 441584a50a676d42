import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadPrompts } from '../../src/installation/prompt-folder.ts';
import { createLog } from '../../src/log.ts';
import { readFixture } from '../../src/replay/fixture.ts';
import { liveReplay } from '../../src/replay/live-replay.ts';
import { readSettings } from '../../src/settings.ts';
import { ffmpegDecode } from '../support/decoders.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(script: string, parameters: string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', path.join(ROOT, 'src/replay', script), ...parameters],
    {
      cwd: ROOT,
      env: { ...process.env, ...env },
    },
  );
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (out.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (out.stderr += data.toString()));
  return new Promise((resolve) => {
    child.on('close', (status) => resolve({ status, ...out }));
  });
}

function folder(): string {
  return mkdtempSync(path.join(tmpdir(), 'offhook-commands-'));
}

describe('the commands', () => {
  test(
    'the demo makes a whole call and lists its files, whatever the environment says',
    { timeout: 90_000 },
    async () => {
      const ran = await run('demo.ts', [], {
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
    const exported = await run('export.ts', [callSid, '--out', fixture], values);
    expect(exported).toMatchObject({ status: 0, stderr: '' });
    const out = folder();
    const replayed = await run('replay.ts', [fixture, '--fast', '--out', out]);
    expect(replayed).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(out)).toContain(`call_${callSid}_conversation.flac`);
    const lines = readFileSync(path.join(out, `call_${callSid}.txt`), 'utf8')
      .trimEnd()
      .split('\n');
    const words = (line: string): string => line.replace(/^\[[^\]]*\] /u, '');
    expect(lines.map(words)).toEqual(files.lines.map(words));
  });

  test.each([
    ['replay.ts', [], 2, 'name one recorded call'],
    ['replay.ts', ['no-such-file.jsonl'], 2, 'cannot be read'],
    ['replay.ts', ['package.json', '--fast'], 2, 'line 1'],
    ['replay.ts', ['fixtures/calls/keys.jsonl', '--format', 'aac'], 2, 'supported are mp3, wav, ogg, flac'],
    ['export.ts', ['../../etc/passwd'], 2, 'is not a CallSid'],
    ['export.ts', [`CA${'f'.repeat(32)}`], 1, 'KEEP_JOURNALS'],
  ])('%s %j is refused with a sentence', async (script, parameters, status, sentence) => {
    const ran = await run(script, parameters, { RECORDINGS_DIRECTORY: folder() });
    expect(ran.status).toBe(status);
    expect(ran.stderr).toContain(sentence);
  });

  test.each(['demo.ts', 'replay.ts', 'export.ts'])('%s --help tells what it does', async (script) => {
    const ran = await run(script, ['--help']);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^npm run /u);
  });
});
