import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createApp, type App } from '../app.ts';
import { catalogueOf } from '../catalogue-of.ts';
import { fileStoreOf } from '../file-store-of.ts';
import { BuiltPages } from '../installation/built-pages.ts';
import { loadPrompts } from '../installation/prompt-folder.ts';
import { createLog, type Log } from '../log.ts';
import { findModelEndings } from '../openai/model-endings.ts';
import { warmUp } from '../openai/warm-up.ts';
import { servicesOf } from '../services.ts';
import type { Settings } from '../settings.ts';
import { TwilioRestClient } from '../twilio/rest-client.ts';
import type { CommandSettings } from './command-settings.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { shareWithFileGroup } from './file-permissions.ts';
import { provideFolders } from './folders-at-hand.ts';

/** npm passes a signal on that the process has had already: within this time it is the same request. */
const SAME_SIGNAL_MS = 2_000;

/** Serves until a signal ends it; resolves with how that went. Rejects where it cannot start. */
export async function serve({ settings, warnings }: CommandSettings): Promise<ExitCode> {
  const { directory, microphoneDirectory } = settings.recording;
  provideFolders({ RECORDINGS_DIRECTORY: directory, MICROPHONE_DIRECTORY: microphoneDirectory });
  shareWithFileGroup(settings);
  const log = createLog({ level: settings.logLevel });
  for (const warning of warnings) log.warn({ warning }, 'a setting to look at');
  try {
    const app = await opened(settings, log);
    return await stopped(app, settings, log);
  } catch (error) {
    log.fatal({ err: error }, 'offhook could not start');
    return EXIT.failed;
  }
}

async function opened(settings: Settings, log: Log): Promise<App> {
  const shipped = fileURLToPath(new URL('../../prompts', import.meta.url));
  const prompts = await loadPrompts(settings.promptsDirectory, shipped, settings.language);
  for (const warning of prompts.warnings) log.warn({ warning }, 'a prompt to look at');
  const { accountSid, authToken, apiBaseUrl } = settings.twilio;
  const rest =
    accountSid && authToken
      ? new TwilioRestClient({ accountSid, authToken, ...(apiBaseUrl && { apiBaseUrl }) })
      : undefined;
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const store = await fileStoreOf(settings);
  const catalogue = await catalogueOf(settings, log);
  const used = [settings.transcription, settings.chat, settings.speech];
  const pages = new BuiltPages(fileURLToPath(new URL('../..', import.meta.url)));
  process.once('exit', () => pages.close());
  const app = await createApp({
    settings,
    services: servicesOf(settings),
    prompts: prompts.book,
    log,
    version,
    ringing: () => void warmUp(used),
    ...(store && { store }),
    catalogue,
    pages,
    ...(rest && { endCall: (callSid: string) => rest.hangUp(callSid) }),
  });
  const port = await app.listen(settings.port, settings.host);
  log.info(
    {
      port,
      host: settings.host,
      publicUrl: settings.publicUrl?.href,
      recordings: settings.recording.directory,
    },
    'offhook is listening',
  );
  if (!used.every((service) => service))
    log.info('without transcription, chat and speech offhook is an answering machine');
  void makePages(pages, log);
  void rest?.warmUp();
  void tellOfModelEndings(settings, log);
  return app;
}

/** Takes signals; resolves when the server has stopped after the first. */
function stopped(app: App, settings: Settings, log: Log): Promise<ExitCode> {
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
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

async function tellOfModelEndings(settings: Settings, log: Log): Promise<void> {
  const services = [settings.transcription, settings.chat, settings.speech].flatMap(
    (service) => service ?? [],
  );
  for (const ending of await findModelEndings(services).catch(() => []))
    log.warn({ ...ending }, 'a model will be shut down');
}

async function makePages(pages: BuiltPages, log: Log): Promise<void> {
  await pages.prepare();
  if (pages.trouble === undefined) log.info('the pages are ready');
  else log.error({ trouble: pages.trouble }, 'the pages could not be made; calls are answered all the same');
}
