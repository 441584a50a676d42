import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileSystemLimits } from '../../app/file-system-limits.ts';
import { ListenError } from '../../app/http-listener.ts';
import type { FurtherProcesses } from '../../app/processes/call-processes.ts';
import type { StartCallProcess } from '../../app/processes/supervised-process.ts';
import { createServer, type Server } from '../../app/server.ts';
import { componentLog, createLog, type Log } from '../../log.ts';
import { findModelDeprecations } from '../../openai/server/model-deprecations.ts';
import type { Settings } from '../../settings/settings.ts';
import { CALL_PROCESS } from './call-process.ts';
import { createDirectories } from '../check-directories.ts';
import type { CommandSettings } from '../command-settings.ts';
import { printError, printLine } from '../terminal/console.ts';
import { isTextLog, logDestination } from '../terminal/log-text.ts';
import { startLines, startMessage } from '../terminal/start-message.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { shareWithFileGroup } from '../file-permissions.ts';
import { configuredCluster, serverParts } from './server-parts.ts';

/** npm forwards a signal that the process has already received: within this time it counts as the same request. */
const SAME_SIGNAL_MS = 2_000;

/** Serves until a signal ends it; resolves with the exit code. Rejects if the server cannot start. */
export async function serve({ settings, warnings }: CommandSettings): Promise<ExitCode> {
  const { directory, microphoneDirectory } = settings.recording;
  createDirectories({ RECORDINGS_DIRECTORY: directory, MICROPHONE_DIRECTORY: microphoneDirectory });
  shareWithFileGroup(settings);
  const rootLog = createLog({ level: settings.logLevel, destination: await logDestination(settings) });
  const log = componentLog(rootLog, 'server');
  for (const warning of warnings) log.warn({ warning }, 'setting warning');
  try {
    const signals = new StopSignals();
    const app = await opened(settings, rootLog);
    return await stopped(app, { settings, log, signals });
  } catch (error) {
    if (error instanceof ListenError) {
      printError(error.message);
      return EXIT.misused;
    }
    log.fatal({ err: error }, 'offhook could not start');
    return EXIT.failed;
  }
}

async function opened(settings: Settings, rootLog: Log): Promise<Server> {
  const log = componentLog(rootLog, 'server');
  const { dependencies, rest } = await serverParts(settings, rootLog);
  const cluster = await configuredCluster(settings, rootLog);
  const app = await createServer(dependencies, { processes: furtherProcesses(settings), cluster });
  await logFileSystemLimits(settings, log);
  const port = await app.listen(settings.port, settings.host).catch(async (error: unknown) => {
    await app.close(0);
    throw error;
  });
  log.info(
    {
      port,
      host: settings.host,
      publicUrl: settings.publicUrl?.href,
      recordings: settings.recording.directory,
    },
    'offhook is listening',
  );
  const message = startMessage(settings, port);
  if (isTextLog(settings.logFormat)) for (const line of startLines(message)) printLine(line);
  else log.info(message, 'offhook is ready');
  void rest?.warmUp();
  void logModelDeprecations(settings, log);
  return app;
}

/** The processes with calls besides this one, which are started with the same settings. */
function furtherProcesses({ limits: { workers } }: Settings): FurtherProcesses | undefined {
  const count = (workers === 'auto' ? availableParallelism() : workers) - 1;
  const start: StartCallProcess = (number) =>
    fork(process.argv[1]!, [CALL_PROCESS, String(number)], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  return count > 0 ? { count, start } : undefined;
}

/** One line for each guarantee that is weaker because of a file system. */
async function logFileSystemLimits(settings: Settings, log: Log): Promise<void> {
  try {
    for (const limit of await fileSystemLimits(settings)) log.warn({ ...limit }, 'file system limit');
  } catch (error) {
    log.warn({ err: error }, 'file systems could not be examined');
  }
}

/** The signals that end the server. One that arrives during the start is passed on after it. */
class StopSignals {
  readonly #early: NodeJS.Signals[] = [];
  #handle = (signal: NodeJS.Signals): void => void this.#early.push(signal);

  constructor() {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, (signal) => this.#handle(signal));
  }

  passTo(handle: (signal: NodeJS.Signals) => void): void {
    this.#handle = handle;
    for (const signal of this.#early.splice(0)) handle(signal);
  }
}

/** Handles signals; resolves when the server has stopped after the first. */
function stopped(
  app: Server,
  { settings, log, signals }: { settings: Settings; log: Log; signals: StopSignals },
): Promise<ExitCode> {
  let firstAtMs: number | undefined;
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      const atMs = performance.now();
      if (firstAtMs !== undefined) {
        if (atMs - firstAtMs > SAME_SIGNAL_MS) app.hurry();
        return;
      }
      firstAtMs = atMs;
      log.info(
        { signal, drainSeconds: settings.limits.drainSeconds },
        'stopping: no new calls, live ones may finish',
      );
      app.close(settings.limits.drainSeconds).then(
        () => {
          log.info('stopped');
          resolve(EXIT.done);
        },
        (error: unknown) => {
          log.fatal({ err: error }, 'stopping failed');
          resolve(EXIT.failed);
        },
      );
    };
    signals.passTo(stop);
  });
}

async function logModelDeprecations(settings: Settings, log: Log): Promise<void> {
  const { transcription, streamingTranscription, chat, speech, speechToSpeech } = settings;
  const services = [transcription, streamingTranscription, chat, speech, speechToSpeech].flatMap(
    (service) => service ?? [],
  );
  for (const ending of await findModelDeprecations(services).catch(() => []))
    log.warn({ ...ending }, 'model will be removed by its provider');
}
