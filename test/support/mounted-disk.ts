import { mkdirSync, mkdtempSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { requiredProgram } from '../../scripts/tier-tools.ts';
import { runTool } from './run-tool.ts';

/** A file system of its own. */
export interface MountedDisk {
  /** A directory on it. */
  readonly folder: string;
  /** Fills it, except for so many bytes. */
  fill(exceptBytes: number): void;
  /** Removes what `fill` wrote. */
  empty(): void;
  /** Later writes fail with EROFS. */
  makeReadOnly(): void;
  unmount(): void;
}

const FILLER = 'filler';

/** A file system in memory, of that size. */
export function memoryDisk(bytes: number): MountedDisk {
  return mounted((at) => {
    run('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'offhook-test', at);
    return () => undefined;
  });
}

/** exFAT, as on memory cards and USB sticks, by FUSE: not every kernel has it. */
export function exFatDisk(bytes: number): MountedDisk {
  return mounted((at) => {
    const image = `${at}.img`;
    writeFileSync(image, '');
    truncateSync(image, bytes);
    run('mkfs.exfat', image);
    const device = run('losetup', '--find', '--show', image).trim();
    run('mount.exfat-fuse', device, at);
    return () => run('losetup', '--detach', device);
  });
}

function mounted(mount: (at: string) => () => unknown): MountedDisk {
  if (process.getuid?.() !== 0)
    throw new Error('File systems are mounted by root alone: run these tests as root.');
  const home = mkdtempSync(path.join(tmpdir(), 'offhook-disk-'));
  const at = path.join(home, 'disk');
  mkdirSync(at);
  const release = mount(at);
  const folder = path.join(at, 'responses');
  mkdirSync(folder);
  const filler = path.join(at, FILLER);
  return {
    folder,
    fill: (exceptBytes) => runTool('fallocate', ['--length', String(freeBytes(at) - exceptBytes), filler]),
    empty: () => rmSync(filler, { force: true }),
    makeReadOnly: () => run('mount', '-o', 'remount,ro', at),
    unmount: () => {
      run('umount', '--lazy', at);
      release();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function freeBytes(at: string): number {
  const { bavail, bsize } = statfsSync(at);
  return bavail * bsize;
}

function run(program: string, ...parameters: readonly string[]): string {
  return runTool(requiredProgram(program), parameters).stdout.toString();
}
