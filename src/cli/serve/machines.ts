import type { KnownDirectory, RedisTasks } from '../../cluster/tasks/redis-tasks.ts';
import { createLog } from '../../log.ts';
import type { Settings } from '../../settings/settings.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printError, printLine } from '../terminal/console.ts';
import { configuredCluster } from './server-parts.ts';

/** A running machine shows itself every five seconds. */
const RUNNING_MS = 30_000;

export interface MachinesRequest {
  /** Name or id of the machine that is forgotten. */
  readonly forget?: string;
  readonly json?: boolean;
}

/** Lists the machines of this telephone system, or forgets one. */
export async function machines(
  settings: Settings,
  { forget, json = false }: MachinesRequest,
): Promise<ExitCode> {
  const log = createLog({ level: 'silent', destination: process.stderr });
  const cluster = await configuredCluster(settings, log);
  if (!cluster) {
    printError('There is one machine: REDIS_URL is not set.');
    return EXIT.misused;
  }
  try {
    if (!(await cluster.isReachable())) {
      printError(['Redis does not answer', ...cluster.problems].join(': '));
      return EXIT.failed;
    }
    const { tasks } = cluster.machines.work;
    const known = (await tasks.directories()).sort(byName);
    return forget === undefined ? await list(known, tasks, json) : await forgetOne(known, tasks, forget);
  } finally {
    cluster.close();
  }
}

async function list(known: readonly KnownDirectory[], tasks: RedisTasks, json: boolean): Promise<ExitCode> {
  const found = [];
  for (const directory of known) {
    const { id, name, unusedMs } = directory;
    const isRunning = isUsed(directory);
    const lastThere = new Date(Date.now() - unusedMs).toISOString();
    found.push({ name, id, isRunning, lastThere, waiting: (await tasks.waiting(id)).length });
  }
  if (json) printLine(JSON.stringify(found, null, 2));
  else if (found.length === 0) printError('No machine was there in the last 90 days.');
  for (const { name, id, isRunning, lastThere, waiting } of json ? [] : found)
    printLine(
      `${name}  ${isRunning ? 'running' : `last there ${lastThere}`}  waiting requests: ${waiting}  ${id}`,
    );
  return EXIT.done;
}

async function forgetOne(
  known: readonly KnownDirectory[],
  tasks: RedisTasks,
  nameOrId: string,
): Promise<ExitCode> {
  const meant = known.filter(({ id, name }) => id === nameOrId || name === nameOrId);
  const [directory] = meant;
  if (!directory || meant.length > 1) {
    const names = (meant.length > 1 ? meant : known).map(({ id, name }) => `${name} (${id})`).join(', ');
    printError(
      directory
        ? `Several machines are named ${nameOrId}; give the id of one: ${names}`
        : `No machine is named ${nameOrId}. Known: ${names || 'none'}`,
    );
    return EXIT.failed;
  }
  const waiting = (await tasks.waiting(directory.id)).length;
  if (isUsed(directory) || !(await tasks.forget(directory))) {
    printError(`${directory.name} is running, or was until half a minute ago. Stop it first.`);
    return EXIT.failed;
  }
  printLine(
    `${directory.name} is forgotten. Dropped requests: ${waiting}. Erase its disk: calls that were erased elsewhere are still on it.`,
  );
  return EXIT.done;
}

function isUsed({ unusedMs }: KnownDirectory): boolean {
  return unusedMs < RUNNING_MS;
}

function byName(one: KnownDirectory, other: KnownDirectory): number {
  return one.name.localeCompare(other.name) || one.id.localeCompare(other.id);
}
