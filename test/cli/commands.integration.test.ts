import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { writeWav } from '../../src/audio/wav/wav.ts';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { DataDirectory } from '../../src/storage/data-directory.ts';
import { OFFHOOK } from '../support/offhook-command.ts';
import { ownFolder } from '../support/own-folder.ts';
import { runOffhook as run } from '../support/run-offhook.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const folders: ReturnType<typeof ownFolder>[] = [];
afterEach(() => {
  for (const each of folders.splice(0)) each[Symbol.dispose]();
});

function folder(): string {
  const own = ownFolder();
  folders.push(own);
  return own.path;
}

describe('the commands', () => {
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
  ])('%s %j is refused with a message', async (command, parameters, status, sentence) => {
    const directory = folder();
    new DataDirectory(directory);
    const ran = await run(command, parameters, { RECORDINGS_DIRECTORY: directory });
    expect(ran.status).toBe(status);
    expect(ran.stderr).toContain(sentence);
  });

  test.each([
    ['serve', [], '/proc/self'],
    ['finish', [], '/proc/offhook/calls'],
    ['reindex', [], path.join(ROOT, 'package.json', 'calls')],
    ['replay', ['fixtures/calls/keys.jsonl', '--fast'], '/proc/offhook/calls'],
  ])('%s reports at once that its directory is impossible', async (command, parameters, place) => {
    const ran = await run(command, parameters, { RECORDINGS_DIRECTORY: place, PORT: '0' });
    expect([ran.status, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain(`RECORDINGS_DIRECTORY is "${place}`);
  });

  test('serve names the services that are not configured', { timeout: 60_000 }, async () => {
    const cwd = folder();
    const env = { ...process.env, PORT: '0', OPENAI_API_KEY: '', CHAT_BASE_URL: 'http://127.0.0.1:2/v1' };
    const server = spawn(process.execPath, [OFFHOOK, 'serve'], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let logged = '';
    while (!/"msg":"offhook is ready"/.test(logged)) {
      const [line] = (await once(server.stdout, 'data')) as [Buffer];
      logged += line.toString();
    }
    expect(logged).toContain(
      '"answeredBy":"answering machine","reason":"not configured: transcription, speech;',
    );
    server.kill('SIGTERM');
    expect(await once(server, 'exit')).toEqual([0, null]);
  });

  test('serve names a port in use and a host that is no address of this machine in one sentence', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const env = { RECORDINGS_DIRECTORY: folder(), MICROPHONE_DIRECTORY: folder() };
    const busy = await run('serve', [], { ...env, HOST: '127.0.0.1', PORT: String(port) });
    expect([busy.status, busy.stderr]).toEqual([
      2,
      `Port ${port} is in use by another program. Stop that program, or set PORT to another number.\n`,
    ]);
    // RFC 5737: addresses for documentation.
    const foreign = await run('serve', [], { ...env, HOST: '192.0.2.1', PORT: '0' });
    expect([foreign.status, foreign.stderr]).toEqual([
      2,
      'HOST is "192.0.2.1", which is no address of this machine. Set it to 0.0.0.0, 127.0.0.1 or one of its addresses.\n',
    ]);
    expect(readdirSync(path.join(env.RECORDINGS_DIRECTORY, '.offhook', 'owners'))).toEqual([]);
    other.close();
  });

  test('reindex counts the recordings of the microphone, and names those that it cannot enter', async () => {
    const env = { RECORDINGS_DIRECTORY: folder(), MICROPHONE_DIRECTORY: folder() };
    const write = (name: string, content: string | Uint8Array): void =>
      writeFileSync(path.join(env.MICROPHONE_DIRECTORY, name), content);
    for (const name of ['recording_20260713_100000', 'recording_20260713_100001']) {
      write(`${name}.wav`, writeWav(new Int16Array(800), 8_000));
      write(`${name}.txt`, 'An invoice.');
    }
    write('recording_20260713_100002.wav', 'no sound');
    write('recording_20260713_100002.txt', 'Nobody.');
    const ran = await run('reindex', [], env);
    expect(ran.stdout).toContain('0 calls indexed, 0 entries removed, 0 failed');
    expect(ran.stdout).toContain('2 microphone recordings indexed, 0 entries removed, 1 failed');
    expect(ran.stderr).toContain('recording_20260713_100002.wav: the recording could not be read or indexed');
    expect(ran.status).toBe(EXIT.inPart);
    const json = await run('reindex', ['--json'], env);
    expect(JSON.parse(json.stdout)).toMatchObject({
      entered: 0,
      recordings: { entered: 2, failed: ['recording_20260713_100002.wav'] },
    });
  });

  test('serve reports an impossible microphone directory', async () => {
    const directories = { RECORDINGS_DIRECTORY: folder(), MICROPHONE_DIRECTORY: '/proc/offhook' };
    const ran = await run('serve', [], { ...directories, PORT: '0' });
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain('MICROPHONE_DIRECTORY is "/proc/offhook"; it must be a directory');
  });

  test.each([
    ['erase', ['+4930123456', '--yes'], ''],
    ['erase', [`CA${'f'.repeat(32)}`, '--yes'], 'none'],
    ['export', ['--out', '-'], ''],
    ['fixture', [`CA${'f'.repeat(32)}`], 'none'],
  ])('%s %j creates nothing without an installation', async (command, parameters, name) => {
    const directory = folder();
    const place = path.join(directory, name);
    const ran = await run(command, parameters, { RECORDINGS_DIRECTORY: place });
    expect([ran.status, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toContain(`There is no installation in ${place}`);
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each(['serve', 'demo', 'replay', 'fixture', 'export', 'finish', 'reindex', 'erase'])(
    '%s --help describes the command',
    async (command) => {
      const ran = await run(command, ['--help']);
      expect(ran).toMatchObject({ status: 0, stderr: '' });
      expect(ran.stdout).toContain(`Usage: offhook ${command}`);
    },
  );
});
