import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readHeartbeat } from '../../src/journal/heartbeat.ts';
import { ProcessLease } from '../../src/journal/process-lease.ts';
import { ownFolder } from '../support/own-folder.ts';

const LATER_MS = 3_600_000;

/** A process that owns something in the folder: its id, and how it is killed. */
async function otherProcess(
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ id: string; kill: () => Promise<void> }> {
  const module = new URL('../../src/journal/process-lease.ts', import.meta.url).href;
  const script = `import { ProcessLease } from ${JSON.stringify(module)};
    const owner = new ProcessLease(${JSON.stringify(folder)});
    await owner.begin(); console.log(owner.id); setInterval(() => {}, 1000);`;
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } },
  );
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    id: line.toString().trim(),
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe.each([
  ['a folder', 'owners'],
  ['a folder whose path is too long for a socket', path.join('x'.repeat(100), 'y'.repeat(60))],
])('in %s', (_, name) => {
  test('a live process is seen by others, and not any more once it is killed', async () => {
    using folder = ownFolder();
    const owners = path.join(folder.path, name);
    mkdirSync(owners, { recursive: true });
    const other = await otherProcess(owners);
    const owner = new ProcessLease(owners);
    await owner.begin();
    expect(await owner.isAlive(other.id)).toBe(true);
    await owner.tidy(Date.now() + LATER_MS);
    expect(await owner.isAlive(other.id)).toBe(true);
    await other.kill();
    expect(readdirSync(owners)).toContain(other.id);
    expect(await owner.isAlive(other.id)).toBe(false);
    owner.end();
  });
});

test('a process sees itself as alive', async () => {
  using folder = ownFolder();
  const owner = new ProcessLease(folder.path);
  expect(await owner.isAlive(owner.id)).toBe(true);
  expect(await owner.isAlive('00000000-0000-0000-0000-000000000000')).toBe(false);
});

test('sockets of crashed processes are removed, except those that may just be opening', async () => {
  using folder = ownFolder();
  const owner = new ProcessLease(folder.path);
  const left = path.join(folder.path, '11111111-1111-1111-1111-111111111111');
  writeFileSync(left, '');
  await owner.tidy();
  expect(existsSync(left)).toBe(true);
  await owner.tidy(Date.now() + LATER_MS);
  expect(existsSync(left)).toBe(false);
});

describe('in a directory without sockets', () => {
  const SHIM = path.resolve(import.meta.dirname, '../support/refusing-file-system.cjs');
  const without = (folder: string) => ({
    NODE_OPTIONS: `--require ${JSON.stringify(SHIM)}`,
    REFUSED: 'listen=EOPNOTSUPP',
    REFUSED_BELOW: folder,
  });

  test('a killed process is seen at once on the same machine', async () => {
    using folder = ownFolder();
    const other = await otherProcess(folder.path, without(folder.path));
    const lease = new ProcessLease(folder.path);
    expect(statSync(path.join(folder.path, other.id)).isFile()).toBe(true);
    expect(await lease.isAlive(other.id)).toBe(true);
    const { socket } = readHeartbeat(path.join(folder.path, other.id))!;
    await other.kill();
    expect(await lease.isAlive(other.id)).toBe(false);
    await lease.tidy(Date.now() + LATER_MS);
    expect([existsSync(path.join(folder.path, other.id)), existsSync(socket!)]).toEqual([false, false]);
  });

  test('a killed process of another machine is seen after a minute', async () => {
    using folder = ownFolder();
    const other = await otherProcess(folder.path, without('/'));
    let atMs = 0;
    const lease = new ProcessLease(folder.path, () => atMs);
    expect(readHeartbeat(path.join(folder.path, other.id))?.socket).toBeUndefined();
    expect(await lease.isAlive(other.id)).toBe(true);
    await other.kill();
    const last = readHeartbeat(path.join(folder.path, other.id))!;
    await lease.isAlive(other.id);
    expect(last.beat).toBeGreaterThan(0);
    atMs = 59_000;
    expect(await lease.isAlive(other.id)).toBe(true);
    atMs = 120_000;
    expect(await lease.isAlive(other.id)).toBe(false);
  });
});
