import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { sine } from '../../src/audio/tone.ts';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { shareWithFileGroup } from '../../src/cli/file-permissions.ts';
import { readableFiles } from '../../src/cli/health/readable-files.ts';
import { readSettings, type Settings } from '../../src/settings/settings.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { writeDurably } from '../../src/storage/durable-file.ts';
import { Offhook } from '../support/test-server.ts';
import { ownFolder } from '../support/own-folder.ts';
import { runOffhook } from '../support/run-offhook.ts';

const modeOf = (target: string): string => (statSync(target).mode & 0o7777).toString(8);

function settingsIn(folder: string, env: Record<string, string> = {}): Settings {
  const result = readSettings(env, { dotEnv: {}, audioConfig: {} }, folder);
  if (!result.ok) throw new Error(result.errors.join('\n'));
  return result.settings;
}

describe('files of calls', () => {
  test(
    'are readable only by the user of the command, whatever the umask of the shell',
    { timeout: 60_000 },
    async () => {
      using own = ownFolder();
      const out = path.join(own.path, 'replayed');
      const ran = await runOffhook('replay', ['fixtures/calls/barge-in.jsonl', '--fast', '--out', out]);
      expect(ran.status).toBe(0);
      const files = readdirSync(out).filter((name) => name.startsWith('call_'));
      expect(files.length).toBeGreaterThanOrEqual(4);
      for (const name of files) expect([name, modeOf(path.join(out, name))]).toEqual([name, '600']);
      expect(modeOf(out)).toBe('700');
    },
  );

  test('are readable only by the user of a program that uses the package', { timeout: 60_000 }, async () => {
    const before = process.umask(0o022);
    using own = ownFolder();
    const directory = path.join(own.path, 'responses');
    const microphone = path.join(own.path, 'recordings');
    const env = { RECORDINGS_DIRECTORY: directory, MICROPHONE_DIRECTORY: microphone };
    const offhook = await Offhook.start(
      { ...env, DATABASE_URL: `sqlite:${own.path}/calls/index.db` },
      { catalogue: true },
    );
    try {
      const form = new FormData();
      form.append('audio', new Blob([writeWav(sine(440, 100, -12, 48_000), 48_000)]), 'clip.wav');
      await fetch(`${offhook.url}/save_recording`, { method: 'POST', body: form });
      writeDurably(path.join(directory, 'call.txt'), path.join(directory, '.offhook', 'aside'), 'words');
      for (const folder of [directory, microphone, path.join(own.path, 'calls')]) {
        expect([folder, modeOf(folder)]).toEqual([folder, '700']);
        for (const entry of readdirSync(folder, { withFileTypes: true }))
          if (entry.isFile())
            expect([entry.name, modeOf(path.join(folder, entry.name))]).toEqual([entry.name, '600']);
      }
      expect(readdirSync(microphone).filter((name) => name.endsWith('.wav'))).toHaveLength(1);
    } finally {
      await offhook.close();
      process.umask(before);
    }
  });

  test('are readable by FILE_GROUP, except the state directory', () => {
    using own = ownFolder();
    const settings = settingsIn(own.path, { FILE_GROUP: String(process.getgid!()) });
    shareWithFileGroup(settings);
    const { directory, microphoneDirectory } = settings.recording;
    const directories = new DataDirectory(directory);
    expect([modeOf(directory), modeOf(microphoneDirectory), modeOf(directories.temporary)]).toEqual([
      '2750',
      '2750',
      '2750',
    ]);
    expect(modeOf(directories.state)).toBe('700');
    const file = writeDurably(path.join(directory, 'call.txt'), directories.temporary, 'words').path;
    expect(statSync(file).gid).toBe(process.getgid!());
  });

  test.each(['no-such-group-here', 'no such group'])(
    'the group %j is refused at the start',
    { timeout: 60_000 },
    async (group) => {
      using own = ownFolder();
      const env = {
        FILE_GROUP: group,
        RECORDINGS_DIRECTORY: own.path,
        MICROPHONE_DIRECTORY: own.path,
        PORT: '0',
      };
      const ran = await runOffhook('serve', [], env);
      expect(ran.status).toBe(2);
      expect(ran.stderr).toContain(`FILE_GROUP is "${group}"; it must be a group of this system`);
    },
  );
});

test('the state directory of an earlier version is made private', () => {
  using own = ownFolder();
  const state = path.join(own.path, '.offhook');
  mkdirSync(state);
  chmodSync(state, 0o755);
  new DataDirectory(own.path);
  expect(modeOf(state)).toBe('700');
});

describe('files that other users can read', () => {
  test('are reported with the command that fixes them', () => {
    using own = ownFolder();
    const settings = settingsIn(own.path);
    const { directory } = settings.recording;
    expect(readableFiles(settings, own.path)).toEqual([]);
    writeFileSync(path.join(own.path, '.env'), 'PORT=1');
    chmodSync(path.join(own.path, '.env'), 0o644);
    mkdirSync(directory);
    chmodSync(directory, 0o755);
    expect(readableFiles(settings, own.path)).toEqual([
      {
        path: path.join(own.path, '.env'),
        mode: '644',
        command: `chmod 600 '${path.join(own.path, '.env')}'`,
      },
      { path: directory, mode: '755', command: `chmod 700 '${directory}'` },
    ]);
  });

  test('include audio_config.env if it contains a key', () => {
    using own = ownFolder();
    const file = path.join(own.path, 'audio_config.env');
    writeFileSync(file, 'MP3_BITRATE=64k\nOPENAI_API_KEY=\n');
    chmodSync(file, 0o644);
    expect(readableFiles(settingsIn(own.path), own.path)).toEqual([]);
    writeFileSync(file, 'OPENAI_API_KEY=sk-1\n');
    expect(readableFiles(settingsIn(own.path), own.path)).toMatchObject([{ command: `chmod 600 '${file}'` }]);
  });

  test('are not reported for FILE_GROUP, only for others', () => {
    using own = ownFolder();
    const settings = settingsIn(own.path, { FILE_GROUP: String(process.getgid!()) });
    const { directory } = settings.recording;
    mkdirSync(directory);
    chmodSync(directory, 0o750);
    expect(readableFiles(settings, own.path)).toEqual([]);
    chmodSync(directory, 0o755);
    expect(readableFiles(settings, own.path)).toMatchObject([{ command: `chmod 2750 '${directory}'` }]);
  });
});
