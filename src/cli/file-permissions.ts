import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '../settings/settings.ts';
import { createDirectory } from '../storage/directories.ts';
import { UnusableSettings } from './command-settings.ts';

/** New files are readable only by this user; with FILE_GROUP members of the group may read them. */
const PRIVATE_UMASK = 0o077;
const GROUP_UMASK = 0o027;
/** New files in a folder with the set-group-id bit belong to the folder's group. */
const GROUP_FOLDER = 0o2750;
const LOOK_UP_MS = 5_000;

export function restrictNewFiles(fileGroup?: string): void {
  process.umask(fileGroup === undefined ? PRIVATE_UMASK : GROUP_UMASK);
}

/**
 * Lets FILE_GROUP read the directories of recordings and texts; throws `UnusableSettings`. The state directory keeps
 * mode 0700; its `aside`, where files are written before they are renamed, passes the group on but cannot be entered.
 */
export function shareWithFileGroup({ fileGroup, recording }: Settings): void {
  if (fileGroup === undefined) return;
  const { directory, microphoneDirectory } = recording;
  const gid = groupId(fileGroup);
  if (typeof gid === 'string') throw new UnusableSettings([gid]);
  const state = path.join(directory, '.offhook');
  const shared = [directory, path.join(state, 'aside'), microphoneDirectory];
  for (const folder of [...shared, path.join(microphoneDirectory, '.uploads')]) {
    createDirectory(folder);
    try {
      chownSync(folder, process.geteuid!(), gid);
      chmodSync(folder, GROUP_FOLDER);
    } catch (error) {
      const { message } = error as Error;
      throw new UnusableSettings([
        `FILE_GROUP cannot be assigned to ${folder}; this user must own it (${message}).`,
      ]);
    }
  }
  chmodSync(state, 0o700);
}

/** A returned string is the reason why the group is unusable. */
function groupId(group: string): number | string {
  if (process.getgroups === undefined) return 'FILE_GROUP cannot be used on this system; leave it out.';
  const gid = /^\d+$/u.test(group) ? Number(group) : lookedUp(group);
  if (gid === undefined) return `FILE_GROUP is "${group}"; it must be a group of this system.`;
  const mine = [process.getegid!(), ...process.getgroups()];
  if (process.geteuid!() === 0 || mine.includes(gid)) return gid;
  return `FILE_GROUP is "${group}"; it must be a group that this user is a member of.`;
}

/** Uses the system's databases, which may contain more than /etc/group. */
function lookedUp(group: string): number | undefined {
  try {
    const [command, args] =
      process.platform === 'darwin'
        ? (['dscl', ['.', '-read', `/Groups/${group}`, 'PrimaryGroupID']] as const)
        : (['getent', ['group', group]] as const);
    const output = execFileSync(command, args, {
      encoding: 'utf8',
      timeout: LOOK_UP_MS,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [, gid] = /^(?:[^:]*:[^:]*:|PrimaryGroupID: )(\d+)/mu.exec(output) ?? [];
    return gid === undefined ? undefined : Number(gid);
  } catch {
    return undefined;
  }
}
