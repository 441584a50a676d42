import type { Cluster } from '../../app/cluster.ts';
import { MachineSystem } from '../../app/machines/machine-system.ts';
import type { SharedCalls } from '../../app/storage/shared-calls.ts';
import { systemClock } from '../../app/system-clock.ts';
import { createLog } from '../../log.ts';
import type { Settings } from '../../settings/settings.ts';
import { DataDirectory } from '../../storage/data-directory.ts';
import { directoryId } from '../../storage/directory-id.ts';
import { configuredCluster } from './server-parts.ts';
import { printError } from '../terminal/console.ts';

/** After this time the other machines know a new one, and answer it: each looks once a second. */
const KNOWN_AFTER_MS = 1_500;

/** A command as one of several machines. */
export interface MachineVisit {
  readonly shared: SharedCalls;
  /** The names of the other machines, also of those that are away. Empty if Redis does not answer. */
  readonly others: readonly string[];
  close(): Promise<void>;
}

/**
 * With `REDIS_URL` a command is a machine for its duration: it knows which calls other machines have, and reaches them. Undefined: the
 * directory's machine is alone.
 */
export async function visitMachines(settings: Settings): Promise<MachineVisit | undefined> {
  const log = createLog({ level: 'warn', destination: process.stderr });
  const cluster = await configuredCluster(settings, log);
  if (!cluster) return undefined;
  const { defaultFormat: format, directory: recordings } = settings.recording;
  const system = new MachineSystem({ cluster, recordings, log, clock: systemClock, format });
  const isReachable = await cluster.isReachable();
  if (!isReachable) printError('Redis does not answer: what other machines have is not known');
  await system.show();
  if (isReachable) await systemClock.sleep(KNOWN_AFTER_MS);
  const close = async (): Promise<void> => {
    await system.close();
    cluster.close();
  };
  return { shared: system.shared, others: isReachable ? await othersOf(cluster, recordings) : [], close };
}

async function othersOf({ machines }: Cluster, recordings: string): Promise<readonly string[]> {
  const own = directoryId(new DataDirectory(recordings));
  const known = await machines.work.tasks.directories();
  return known.filter(({ id }) => id !== own).map(({ name }) => name);
}
