import { FinalizationWorker } from '../../app/machines/finalization-worker.ts';
import { openConfiguredCatalogue } from '../../app/open-configured-catalogue.ts';
import { openConfiguredStore } from '../../app/open-configured-store.ts';
import { createServices } from '../../app/services/create-services.ts';
import { systemClock } from '../../app/system-clock.ts';
import { componentLog, createLog, type Log } from '../../log.ts';
import type { Settings } from '../../settings/settings.ts';
import { createDirectories } from '../check-directories.ts';
import type { CommandSettings } from '../command-settings.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printError } from '../terminal/console.ts';
import { logDestination } from '../terminal/log-text.ts';
import { configuredCluster } from './server-parts.ts';
import { newWorkerDirectory } from './worker-directory.ts';

/** A worker that stops waits so long for the jobs that it executes; another process executes those that are left. */
export const STOP_WITHIN_MS = 60_000;

/** Executes finalization jobs of the system until a signal ends it; resolves with the exit code. */
export async function worker({ settings, warnings }: CommandSettings): Promise<ExitCode> {
  if (!settings.cluster) {
    printError('offhook worker needs REDIS_URL: servers with the same REDIS_URL put the jobs there.');
    return EXIT.misused;
  }
  const { directory } = settings.recording;
  createDirectories({ RECORDINGS_DIRECTORY: directory });
  const rootLog = createLog({ level: settings.logLevel, destination: await logDestination(settings) });
  const log = componentLog(rootLog, 'worker');
  for (const warning of warnings) log.warn({ warning }, 'setting warning');
  const signal = firstSignal();
  const own = await newWorkerDirectory(directory);
  try {
    const recording = { ...settings.recording, directory: own.path };
    const finalizer = await opened({ ...settings, recording }, rootLog);
    const { obstacles } = finalizer;
    if (obstacles.length > 0) {
      await finalizer.stop(0);
      printError(`offhook worker cannot execute jobs:\n${obstacles.map((each) => `  - ${each}`).join('\n')}`);
      return EXIT.misused;
    }
    finalizer.work();
    log.info({ store: settings.store?.url }, 'executing finalization jobs');
    log.info({ signal: await signal }, 'stopping: no new jobs, those that run are completed');
    await finalizer.stop(STOP_WITHIN_MS);
    log.info('stopped');
    return EXIT.done;
  } catch (error) {
    log.fatal({ err: error }, 'offhook worker could not start');
    return EXIT.failed;
  } finally {
    own.end();
  }
}

async function opened(settings: Settings, log: Log): Promise<FinalizationWorker> {
  const store = await openConfiguredStore(settings);
  const catalogue = await openConfiguredCatalogue(settings, log);
  const cluster = await configuredCluster(settings, log);
  if (!cluster) throw new Error('REDIS_URL is missing');
  const services = createServices(settings, undefined, log);
  const finalizer = new FinalizationWorker({
    settings,
    services,
    catalogue,
    store,
    cluster,
    log,
    clock: systemClock,
  });
  await finalizer.open();
  return finalizer;
}

/** npm forwards a signal that the process has already received, so later ones mean nothing. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, resolve);
  });
}
