import type { Express, Router } from 'express';
import { createAudioFormatsRouter } from '../api/audio-formats-router.ts';
import { createCallsRouter } from '../api/calls-router.ts';
import { createHealthRouter } from '../api/health-router.ts';
import { createStatisticsRouter } from '../api/statistics-router.ts';
import type { CallRegistry } from '../call/call-registry.ts';
import type { Authenticator } from '../http/auth/authenticator.ts';
import { createLoginRouter } from '../http/auth/login-router.ts';
import { LoginThrottle } from '../http/auth/login-throttle.ts';
import { errorHandler, notFound } from '../http/error-handler.ts';
import { type SendErrorPage, errorPage } from '../http/error-page.ts';
import { methodNotAllowed } from '../http/method-not-allowed.ts';
import { createPageRouter } from '../http/pages.ts';
import type { Journal } from '../journal/journal.ts';
import { diskSpace } from '../storage/disk-space.ts';
import { createCallRepository } from './call-repository.ts';
import type { CallStorage } from './storage/call-storage.ts';
import { linkOriginOf } from './file-location.ts';
import { createHealthReport } from './health-report.ts';
import { createOpenApiRouter } from './openapi/openapi-router.ts';
import { ROUTES } from './openapi/route-table.ts';
import { createRecordingFormats } from './recording-format.ts';
import type { ServerDependencies } from './server-dependencies.ts';

export interface RouteDependencies {
  readonly parts: ServerDependencies;
  readonly calls: CallRegistry<Journal>;
  readonly office: CallStorage;
  readonly doorkeeper: Authenticator;
  /** Of those who have sockets, too: the telephones and the microphone. */
  readonly doors: readonly Router[];
  /** Monotonic, epoch milliseconds. */
  readonly now: () => number;
}

/** Puts every route that the server answers before it, in the order in which they are asked. */
export function mountRoutes(app: Express, http: RouteDependencies): void {
  const { parts, calls, office, doorkeeper, doors, now } = http;
  const { settings, log, version, services, store, endCall, catalogue } = parts;
  const optional = { ...(store && { store }), ...(endCall && { endCall }) };
  app.use(...doors);
  app.use(
    createLoginRouter({ doorkeeper, now, throttle: new LoginThrottle() }),
    createOpenApiRouter({ doorkeeper, version }),
  );
  app.use(
    createHealthRouter({
      ...{ version, doorkeeper, uptimeSeconds: () => process.uptime() },
      facts: () => createHealthReport({ calls, office, services, ...optional }),
    }),
  );
  app.use(
    createAudioFormatsRouter({
      doorkeeper,
      defaultFormat: settings.recording.defaultFormat,
      desk: createRecordingFormats({ calls, office, now, ...(catalogue && { catalogue }) }),
    }),
  );
  takePastCalls(app, http);
  const tellBrowser = parts.pages && errorPage(parts.pages);
  takePages(app, http, tellBrowser);
  app.use(methodNotAllowed(ROUTES), notFound(tellBrowser), errorHandler(log));
}

function takePastCalls(
  app: Express,
  { parts: { catalogue, store }, office, doorkeeper, now }: RouteDependencies,
): void {
  if (!catalogue) return;
  const { eraser, folders } = office;
  const shelf = createCallRepository({
    ...{
      catalogue,
      annotator: office,
      eraser,
      directory: folders.recordings,
      now,
      unwritten: folders.unwritten,
    },
    ...(store && { store }),
  });
  app.use(createCallsRouter({ doorkeeper, shelf }));
  app.use(createStatisticsRouter({ doorkeeper, catalogue, disk: () => diskSpace(folders.recordings), now }));
}

function takePages(
  app: Express,
  { parts: { pages, store }, doorkeeper }: RouteDependencies,
  tellBrowser: SendErrorPage | undefined,
): void {
  if (!pages) return;
  const mediaOrigin = store && { mediaOrigin: () => linkOriginOf(store).catch(() => undefined) };
  app.use(
    createPageRouter({ doorkeeper, files: pages, ...mediaOrigin, ...(tellBrowser && { tellBrowser }) }),
  );
}
