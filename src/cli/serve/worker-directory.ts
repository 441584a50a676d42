import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ProcessLease } from '../../journal/process-lease.ts';
import { DataDirectory } from '../../storage/data-directory.ts';
import { createDirectory } from '../../storage/directories.ts';

/** A directory of one worker's own, in which nothing has to last: journals are in Redis, files in the object store. */
export interface WorkerDirectory {
  readonly path: string;
  /** Removes it. */
  end(): void;
}

/** Makes it inside the recordings directory, which several workers and a server may share. Removes those of workers that were killed. */
export async function newWorkerDirectory(recordings: string): Promise<WorkerDirectory> {
  const { processes, state } = new DataDirectory(recordings);
  // The path of a socket in the directory may have about a hundred characters.
  const lease = new ProcessLease(processes, undefined, randomBytes(4).toString('hex'));
  await lease.begin();
  const workers = path.join(state, 'workers');
  createDirectory(workers);
  for (const id of readdirSync(workers))
    if (!(await lease.isAlive(id))) rmSync(path.join(workers, id), { recursive: true, force: true });
  const own = path.join(workers, lease.id);
  createDirectory(own);
  return {
    path: own,
    end: () => {
      rmSync(own, { recursive: true, force: true });
      lease.end();
    },
  };
}
