import { runCallProcess } from '../../app/processes/call-process.ts';
import { createLog } from '../../log.ts';
import type { CommandSettings } from '../command-settings.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { serverParts } from './server-parts.ts';
import { printError } from '../terminal/console.ts';
import { logDestination } from '../terminal/log-text.ts';

/** The command of a process that `serve` starts. */
export const CALL_PROCESS = 'call-process';

/** Runs calls for the process that started this one; resolves when that one stops it or ends. */
export async function callProcess({ settings }: CommandSettings, number: number): Promise<ExitCode> {
  if (process.send === undefined) {
    printError(`offhook ${CALL_PROCESS} is started by \`offhook serve\` if WORKERS is more than 1.`);
    return EXIT.misused;
  }
  // Signals to the whole process group: the main process decides when this one stops.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => undefined);
  const log = createLog({ level: settings.logLevel, destination: await logDestination(settings) });
  const ownLog = log.child({ process: number });
  const { dependencies } = await serverParts(settings, ownLog);
  await runCallProcess(dependencies, process, number);
  return EXIT.done;
}
