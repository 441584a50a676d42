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
import { decodeSound } from '../support/npm-decoders.ts';
import { runOffhook as run } from '../support/run-offhook.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function folder(): string {
  return mkdtempSync(path.join(tmpdir(), 'offhook-commands-'));
}

describe.concurrent('the commands', () => {
  test(
    'the demo makes a complete call and lists its files, whatever the environment',
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
      const { channels, sampleRateHz } = await decodeSound(recording!);
      expect(channels[0]!.length / sampleRateHz).toBeGreaterThan(20);
      expect(ran.stdout).toMatch(/ok +speech: all 7 turns have sound at their times/u);
      expect(ran.stdout).toMatch(/ok +placement: .* the same to the byte/u);
      expect(ran.stdout).toMatch(/recorded answers/u);
      expect(ran.stdout).toMatch(/Assistant: We are open all week\. .* —$/mu);
      expect(ran.stdout).toMatch(/Caller: Sorry, I only need Saturday\.$/mu);
    },
  );

  test('a live call is exported from its journal and replayed at once', { timeout: 90_000 }, async () => {
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
});
