import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runOffhook } from '../support/run-offhook.ts';
import { finishedCall, logged, refusing, saveRecording, saveTranscript } from './own-file-system.ts';
import { type Ground, makeGround } from './own-server.ts';

let ground: Ground;

beforeEach(async () => {
  ground = await makeGround();
});

afterEach(() => ground.clear());

/** Operations that are refused, as reported of real file systems. */
const FILE_SYSTEMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // docker/for-win#5519, docker/for-mac#483; jsreport/jsreport#266
  'a directory shared by Docker Desktop': { listen: 'EOPNOTSUPP', 'directory-sync': 'EINVAL' },
  // nodejs/node#11663 and bit-team/backintime#741: hard links on exFAT
  'an exFAT stick': { listen: 'EPERM', link: 'EPERM', chmod: 'EPERM', utimes: 'EPERM' },
  // facebook/rocksdb PR 9657
  'an SMB share': { listen: 'EIO', link: 'ENOTSUP', 'directory-sync': 'EBADF' },
  // microsoft/WSL#2137; man 2 link: EMLINK
  'a directory of Windows below WSL': { listen: 'EINVAL', link: 'EMLINK', 'directory-sync': 'EPERM' },
  // libfuse/sshfs: no links, no sockets
  'a FUSE mount': { listen: 'EACCES', link: 'ENOSYS', 'directory-sync': 'ENOTSUP', chmod: 'ENOTSUP' },
};

describe.each(Object.entries(FILE_SYSTEMS))('on %s', (_, operations) => {
  test('calls, recordings and transcripts are completed, and the start says what is lost', async () => {
    const server = await ground.start(refusing(ground.folder, operations));
    await finishedCall(ground, server);
    const saved = await saveRecording(server);
    expect(saved.status).toBe(201);
    const { name } = (await saved.json()) as { name: string };
    expect((await saveTranscript(server, name)).status).toBe(200);
    const microphone = path.join(ground.folder, 'microphone');
    expect(readFileSync(path.join(microphone, name.replace('.wav', '.txt')), 'utf8')).toBe('An invoice.');
    expect(readdirSync(path.join(microphone, '.uploads'))).toEqual([]);
    const missing = logged(server, 'file system limit').map((line) => String(line['missing']));
    for (const [operation, code] of Object.entries(operations))
      if (operation !== 'utimes')
        expect(
          missing.filter((each) => each.includes(code) && each.startsWith(LIMITS[operation]!)),
        ).toHaveLength(1);
    expect(server.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(readdirSync(path.join(ground.folder, '.offhook', 'owners'))).toEqual([]);
  }, 60_000);
});

const LIMITS: Readonly<Record<string, string>> = {
  listen: 'no Unix sockets',
  link: 'no hard links',
  'directory-sync': 'no syncing of directories',
  chmod: 'no file permissions',
};

test.each([
  // David-Crty/databasement#344, gotosocial#3360, Sonarr#1886: SQLite on NFS and SMB
  ['SQLITE_IOERR_LOCK', { network: '0x6969', locks: 'SQLITE_IOERR_LOCK' }, 'NFS'],
  ['SQLITE_BUSY', { network: '0x517b', locks: 'SQLITE_BUSY' }, 'SMB'],
  ['SQLITE_PROTOCOL', { network: '0xfe534d42', locks: 'SQLITE_PROTOCOL' }, 'SMB 2'],
])(
  'without file locks (%s) calls are completed, and the start says that the directory must be local',
  async (code, operations, kind) => {
    const server = await ground.start(refusing(ground.folder, operations));
    await finishedCall(ground, server);
    const limits = logged(server, 'file system limit');
    expect(limits.map(({ missing }) => missing)).toEqual([
      `not a local disk (${kind})`,
      `no file locks (${code})`,
    ]);
    expect(
      limits.every(({ consequence }) => /RECORDINGS_DIRECTORY on a local disk/u.test(String(consequence))),
    ).toBe(true);
    const [down] = logged(server, 'the catalogue is down; calls are still answered and recorded');
    expect(JSON.stringify(down)).toMatch(new RegExp(`cannot lock its file \\(${code}.*DATABASE_URL`, 'u'));
    expect(JSON.stringify(server.log)).not.toMatch(/: not an Error"/u);
    await expect.poll(() => existsSync(path.join(ground.folder, '.offhook', 'lock.held'))).toBe(false);
  },
  60_000,
);

test('without a write-ahead log the list of calls works with a rollback journal', async () => {
  const server = await ground.start(refusing(ground.folder, { wal: 'SQLITE_IOERR_SHMOPEN' }));
  await finishedCall(ground, server);
  await expect
    .poll(async () => (await fetch(`${server.baseUrl}/api/calls`)).json())
    .toMatchObject({ calls: [{}] });
  expect(readdirSync(path.join(ground.folder, '.offhook'))).not.toContain('catalogue.db-wal');
}, 60_000);

test('a recording that meets a full disk is kept and stored later', async () => {
  const settings = refusing(ground.folder, { link: 'EPERM', 'rename-once': 'ENOSPC' });
  const server = await ground.start(settings);
  const refused = await saveRecording(server);
  expect(refused.status).toBe(507);
  expect(await refused.text()).toContain('kept for another attempt (ENOSPC');
  const microphone = path.join(ground.folder, 'microphone');
  expect(readdirSync(path.join(microphone, '.uploads'))).toHaveLength(1);
  await expect
    .poll(() => logged(server, 'a recording of the microphone could not be stored'))
    .toHaveLength(1);
  server.signal('SIGTERM');
  await server.ended;
  const next = await ground.start({ MICROPHONE_DIRECTORY: microphone });
  await expect.poll(() => readdirSync(microphone).filter((name) => name.endsWith('.wav'))).toHaveLength(1);
  expect(readdirSync(path.join(microphone, '.uploads'))).toEqual([]);
  next.signal('SIGTERM');
  await next.ended;
}, 60_000);

test('doctor says the same as the start', async () => {
  const operations = {
    listen: 'EPERM',
    link: 'EPERM',
    'directory-sync': 'EINVAL',
    locks: 'SQLITE_IOERR_LOCK',
  };
  const settings = refusing(ground.folder, operations);
  const server = await ground.start(settings);
  const started = logged(server, 'file system limit').map(
    ({ directory, missing }) => `${String(directory)}: ${String(missing)}`,
  );
  expect(started).toHaveLength(4);
  const { stdout } = await runOffhook('doctor', ['--json'], {
    ...settings,
    RECORDINGS_DIRECTORY: ground.folder,
  });
  const findings = JSON.parse(stdout) as { what: string; found: string }[];
  expect(findings.filter(({ what }) => what === 'file systems').map(({ found }) => found)).toEqual(started);
}, 60_000);
