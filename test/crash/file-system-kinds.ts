import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { comesTrue } from '../support/comes-true.ts';
import { finishedCall, logged, refusing, saveRecording, saveTranscript } from './own-file-system.ts';
import { type Ground, makeGround } from './own-server.ts';

/** What a file system refuses: the name of an operation, and the error code. */
type Operations = Readonly<Record<string, string>>;

/** Operations that are refused, as reported of real file systems. */
export const FILE_SYSTEMS = {
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
} satisfies Readonly<Record<string, Operations>>;

/** File systems without file locks, by the error of SQLite. */
export const WITHOUT_LOCKS = [
  // David-Crty/databasement#344, gotosocial#3360, Sonarr#1886: SQLite on NFS and SMB
  ['SQLITE_IOERR_LOCK', { network: '0x6969', locks: 'SQLITE_IOERR_LOCK' }, 'NFS'],
  ['SQLITE_BUSY', { network: '0x517b', locks: 'SQLITE_BUSY' }, 'SMB'],
  ['SQLITE_PROTOCOL', { network: '0xfe534d42', locks: 'SQLITE_PROTOCOL' }, 'SMB 2'],
] as const satisfies readonly (readonly [string, Operations, string])[];

const LIMITS: Readonly<Record<string, string>> = {
  listen: 'no Unix sockets',
  link: 'no hard links',
  'directory-sync': 'no syncing of directories',
  chmod: 'no file permissions',
};

/** Calls, recordings and transcripts are completed on each of these, and the start says what is lost. All run at the same time. */
export function callsAreCompletedOn(
  names: readonly (keyof typeof FILE_SYSTEMS)[],
  locks: readonly (typeof WITHOUT_LOCKS)[number][],
): void {
  const grounds: Ground[] = [];
  const newGround = async (): Promise<Ground> => {
    const ground = await makeGround();
    grounds.push(ground);
    return ground;
  };
  afterAll(() => Promise.all(grounds.map((ground) => ground.clear())));

  describe.concurrent('a call, a recording and a transcript', () => {
    test.each(names)(
      'are completed on %s, and the start says what is lost',
      async (kind) => {
        const operations: Operations = FILE_SYSTEMS[kind];
        const ground = await newGround();
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
      },
      60_000,
    );

    test.each(locks)(
      'are completed without file locks (%s): the directory must be local',
      async (code, operations, kind) => {
        const ground = await newGround();

        const server = await ground.start(refusing(ground.folder, operations));
        await finishedCall(ground, server);
        const limits = logged(server, 'file system limit');
        expect(limits.map(({ missing }) => missing)).toEqual([
          `not a local disk (${kind})`,
          `no file locks (${code})`,
        ]);
        expect(
          limits.every(({ consequence }) =>
            /RECORDINGS_DIRECTORY on a local disk/u.test(String(consequence)),
          ),
        ).toBe(true);
        const [down] = logged(server, 'the catalogue is down; calls are still answered and recorded');
        expect(JSON.stringify(down)).toMatch(
          new RegExp(`cannot lock its file \\(${code}.*DATABASE_URL`, 'u'),
        );
        expect(JSON.stringify(server.log)).not.toMatch(/: not an Error"/u);
        await comesTrue(
          'the probe’s lock file is gone',
          () => !existsSync(path.join(ground.folder, '.offhook', 'lock.held')),
        );
      },
      60_000,
    );
  });
}
