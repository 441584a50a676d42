import type { Express, Router } from 'express';
import type { AppParts } from './app-parts.ts';
import type { BackOffice } from './back-office.ts';
import { callShelf } from './call-shelf.ts';
import type { Calls } from './call/calls.ts';
import { linkOriginOf } from './file-place.ts';
import { formatDesk } from './format-desk.ts';
import { healthFactsOf } from './health-facts.ts';
import type { DiskJournal } from './installation/disk-journal.ts';
import { diskSpace } from './installation/disk-space.ts';
import { answerErrors, notFound } from './web/answer-errors.ts';
import { audioFormatRoutes } from './web/audio-formats.ts';
import { callsApi } from './web/calls-api.ts';
import { docsRoutes } from './web/docs.ts';
import type { Doorkeeper } from './web/doorkeeper.ts';
import { figureRoutes } from './web/figures.ts';
import { healthRoutes } from './web/health.ts';
import { loginRoutes } from './web/login.ts';
import { LoginThrottle } from './web/login-throttle.ts';
import { pageRoutes } from './web/pages.ts';
import { troublePage, type TellBrowser } from './web/trouble-page.ts';
import { wrongMethods } from './web/wrong-methods.ts';

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
    ...{ catalogue, afterwards, eraser, directory: folders.recordings, now, unwritten: folders.unwritten },
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
