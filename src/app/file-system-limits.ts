import { ProcessLease } from '../journal/process-lease.ts';
import type { Settings } from '../settings/settings.ts';
import { DataDirectory } from '../storage/data-directory.ts';
import { isDirectory } from '../storage/directories.ts';
import { errorText } from '../storage/file-system-errors.ts';
import { type FileSystemOperation, probeFileSystem } from '../storage/file-system-probe.ts';

/** A weaker guarantee, because a file system does not have an operation. */
export interface FileSystemLimit {
  readonly directory: string;
  readonly missing: string;
  readonly consequence: string;
}

const RECORDINGS: Readonly<Partial<Record<FileSystemOperation, readonly [string, string]>>> = {
  'directory-sync': [
    'no syncing of directories',
    'a power failure may lose the files that were finished in the last seconds',
  ],
  'local-disk': [
    'not a local disk',
    'put RECORDINGS_DIRECTORY on a local disk: an outage of the network stops recording',
  ],
  locks: [
    'no file locks',
    'a lock file is used, so run one server only; put RECORDINGS_DIRECTORY on a local disk, or set DATABASE_URL to have the list of calls',
  ],
  permissions: [
    'no file permissions',
    'other users may read recordings; mount it with umask=077 and the uid of this user',
  ],
};
const MICROPHONE: typeof RECORDINGS = {
  'hard-links': ['no hard links', 'recordings of the microphone get their names by a rename instead'],
};
const NO_SOCKETS = [
  'no Unix sockets',
  'other containers and machines on this directory notice a crashed server after a minute, not at once',
] as const;

/** What the file systems of the directories cannot do. Tries it; leaves no files. */
export async function fileSystemLimits({ recording }: Settings): Promise<FileSystemLimit[]> {
  const { directory, microphoneDirectory } = recording;
  const state = DataDirectory.stateOf(directory);
  const probed = [state, directory].find(isDirectory);
  const limits = isDirectory(microphoneDirectory)
    ? limitsOf(microphoneDirectory, microphoneDirectory, MICROPHONE)
    : [];
  if (probed !== undefined)
    limits.unshift(...limitsOf(directory, probed, RECORDINGS), ...(await socketLimit(directory, probed)));
  return limits;
}

function limitsOf(directory: string, probed: string, known: typeof RECORDINGS): FileSystemLimit[] {
  return probeFileSystem(probed).flatMap(({ operation, reason }) => {
    const [missing, consequence] = known[operation] ?? [];
    return missing !== undefined && consequence !== undefined
      ? [{ directory, missing: `${missing} (${reason})`, consequence }]
      : [];
  });
}

async function socketLimit(directory: string, probed: string): Promise<FileSystemLimit[]> {
  const lease = new ProcessLease(probed);
  try {
    await lease.begin();
    const [missing, consequence] = NO_SOCKETS;
    return lease.refusal === undefined
      ? []
      : [{ directory, missing: `${missing} (${lease.refusal})`, consequence }];
  } catch (error) {
    return [{ directory, missing: `${NO_SOCKETS[0]} (${errorText(error)})`, consequence: NO_SOCKETS[1] }];
  } finally {
    lease.end();
  }
}
