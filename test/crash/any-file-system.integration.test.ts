import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runOffhook } from '../support/run-offhook.ts';
import { callsAreCompletedOn, WITHOUT_LOCKS } from './file-system-kinds.ts';
import { finishedCall, logged, refusing, saveRecording } from './own-file-system.ts';
import { type Ground, makeGround } from './own-server.ts';

// A sample; the external tests run the others.
callsAreCompletedOn(['an exFAT stick', 'a FUSE mount'], [WITHOUT_LOCKS[0]]);

describe('a server on a file system that refuses something', () => {
  let ground: Ground;

  beforeEach(async () => {
    ground = await makeGround();
  });

  afterEach(() => ground.clear());

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
});
