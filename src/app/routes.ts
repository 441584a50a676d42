import type { Express, Router } from 'express';
import { audioFormatRoutes } from '../api/audio-formats-router.ts';
import { callsApi } from '../api/calls-router.ts';
import { healthRoutes } from '../api/health-router.ts';
import { figureRoutes } from '../api/statistics-router.ts';
import type { Calls } from '../call/call-registry.ts';
import type { Doorkeeper } from '../http/auth/authenticator.ts';
import { loginRoutes } from '../http/auth/login-router.ts';
import { LoginThrottle } from '../http/auth/login-throttle.ts';
import { answerErrors, notFound } from '../http/error-handler.ts';
import { type TellBrowser, troublePage } from '../http/error-page.ts';
import { wrongMethods } from '../http/method-not-allowed.ts';
import { pageRoutes } from '../http/pages.ts';
import type { DiskJournal } from '../journal/journal.ts';
import { diskSpace } from '../storage/disk-space.ts';
import { callShelf } from './call-repository.ts';
import type { BackOffice } from './call-storage.ts';
import { linkOriginOf } from './file-location.ts';
import { healthFactsOf } from './health-report.ts';
import { docsRoutes } from './openapi/openapi-router.ts';
import { formatDesk } from './recording-format.ts';
import type { AppParts } from './server-dependencies.ts';

export interface HttpParts {
  readonly parts: AppParts;
  readonly calls: Calls<DiskJournal>;
  readonly office: BackOffice;
  readonly doorkeeper: Doorkeeper;
  /** Of those who have sockets, too: the telephones and the microphone. */
  readonly doors: readonly Router[];
  /** Monotonic, epoch milliseconds. */
  readonly now: () => number;
}

/** Puts every route that the server answers before it, in the order in which they are asked. */
export function takeRequests(app: Express, http: HttpParts): void {
  const { parts, calls, office, doorkeeper, doors, now } = http;
  const { settings, log, version, services, store, endCall, catalogue } = parts;
  const optional = { ...(store && { store }), ...(endCall && { endCall }) };
  app.use(...doors);
  app.use(
    loginRoutes({ doorkeeper, now, throttle: new LoginThrottle() }),
    docsRoutes({ doorkeeper, version }),
  );
  app.use(
    healthRoutes({
      ...{ version, doorkeeper, uptimeSeconds: () => process.uptime() },
      facts: () => healthFactsOf({ calls, office, services, ...optional }),
    }),
  );
  app.use(
    audioFormatRoutes({
      doorkeeper,
      defaultFormat: settings.recording.defaultFormat,
      desk: formatDesk({ calls, office, now, ...(catalogue && { catalogue }) }),
    }),
  );
  takePastCalls(app, http);
  const tellBrowser = parts.pages && troublePage(parts.pages);
  takePages(app, http, tellBrowser);
  app.use(wrongMethods(), notFound(tellBrowser), answerErrors(log));
}

function takePastCalls(
  app: Express,
  { parts: { catalogue, store }, office, doorkeeper, now }: HttpParts,
): void {
  if (!catalogue) return;
  const { afterwards, eraser, folders } = office;
  const shelf = callShelf({
    ...{ catalogue, afterwards, eraser, directory: folders.recordings, now },
    ...(store && { store }),
  });
  app.use(callsApi({ doorkeeper, shelf }));
  app.use(figureRoutes({ doorkeeper, catalogue, disk: () => diskSpace(folders.recordings), now }));
}

function takePages(
  app: Express,
  { parts: { pages, store }, doorkeeper }: HttpParts,
  tellBrowser: TellBrowser | undefined,
): void {
  if (!pages) return;
  const mediaOrigin = store && { mediaOrigin: () => linkOriginOf(store).catch(() => undefined) };
  app.use(pageRoutes({ doorkeeper, files: pages, ...mediaOrigin, ...(tellBrowser && { tellBrowser }) }));
}
