import type { Express } from 'express';
import { createAudioFormatsRouter } from '../api/audio-formats-router.ts';
import { createCallsRouter } from '../api/calls-router.ts';
import { createHealthRouter } from '../api/health-router.ts';
import { createReadinessRouter } from '../api/readiness-router.ts';
import { createStatisticsRouter } from '../api/statistics-router.ts';
import type { Clock } from '../events/clock.ts';
import type { Authenticator } from '../http/auth/authenticator.ts';
import { KnownBrowsers } from '../http/auth/known-browsers.ts';
import { createLoginRouter } from '../http/auth/login-router.ts';
import { LoginThrottle } from '../http/auth/login-throttle.ts';
import { errorHandler, notFound } from '../http/error-handler.ts';
import { type SendErrorPage, errorPage } from '../http/error-page.ts';
import { methodNotAllowed } from '../http/method-not-allowed.ts';
import { createPageRouter } from '../http/pages.ts';
import { DataDirectory } from '../storage/data-directory.ts';
import { diskSpace } from '../storage/disk-space.ts';
import type { NewCalls } from './admission/new-calls.ts';
import type { Cluster } from './cluster.ts';
import { createCallRepository } from './call-repository.ts';
import type { CallStorage } from './storage/call-storage.ts';
import { linkOriginOf } from './file-location.ts';
import type { Gateways } from './gateways.ts';
import { createHealthReport } from './health-report.ts';
import { createMetricsRouter } from './metrics/metrics-router.ts';
import type { AllCalls } from './processes/all-calls.ts';
import { ALL_ROUTES } from './openapi/all-routes.ts';
import { createOpenApiRouter } from './openapi/openapi-router.ts';
import { createRecordingFormats } from './recording-format.ts';
import type { ServerDependencies } from './server-dependencies.ts';

export interface RouteDependencies {
  readonly dependencies: ServerDependencies;
  readonly cluster: Cluster | undefined;
  /** The calls of all processes. */
  readonly calls: AllCalls;
  readonly newCalls: NewCalls;
  readonly storage: CallStorage;
  readonly authenticator: Authenticator;
  /** They also accept WebSockets: telephones and microphone. */
  readonly gateways: Pick<Gateways, 'routes' | 'twilio'>;
  readonly clock: Clock;
}

/** Mounts all routers, in matching order. */
export function mountRoutes(app: Express, http: RouteDependencies): void {
  const { dependencies, cluster, calls, newCalls, storage, authenticator, gateways, clock } = http;
  const now = (): number => clock.now();
  const { settings, log, release, assistant, records, telephony } = dependencies;
  const { services, profiles } = assistant;
  const { version, pages } = release;
  const { catalogue } = records ?? {};
  const keyFile = DataDirectory.browserKey(settings.recording.directory);
  const notKept = (error: unknown): void =>
    log.warn(
      { err: error },
      'the key for known browsers cannot be kept; browsers are known until the next start',
    );
  const browsers = new KnownBrowsers(keyFile, notKept, cluster?.access.browserKey);
  const throttle = new LoginThrottle();
  if (cluster) throttle.share(cluster.access.attempts, now);
  app.use(...gateways.routes());
  app.use(
    createLoginRouter({ authenticator, now, throttle, browsers }),
    createOpenApiRouter({ authenticator, version, routes: ALL_ROUTES }),
  );
  app.use(
    createHealthRouter({
      version,
      authenticator,
      report: () =>
        createHealthReport({
          calls,
          newCalls,
          clusterProblems: cluster?.problems ?? [],
          scheduledWork: storage.options.shared?.work?.holder,
          unwritten: storage.directories.unwritten,
          services,
          profiles,
          telephony,
          twilio: gateways.twilio,
        }),
    }),
  );
  app.use(
    createReadinessRouter({ authenticator, gate: newCalls }),
    createMetricsRouter({ authenticator, calls }),
  );
  app.use(
    createAudioFormatsRouter({
      authenticator,
      defaultFormat: settings.recording.defaultFormat,
      formats: createRecordingFormats({ calls, storage, catalogue }),
    }),
  );
  mountCallRoutes(app, http);
  const sendErrorPage = pages === undefined ? undefined : errorPage(pages);
  mountPages(app, http, sendErrorPage);
  app.use(methodNotAllowed(ALL_ROUTES), notFound(sendErrorPage), errorHandler(log));
}

function mountCallRoutes(
  app: Express,
  { dependencies: { records }, storage, authenticator, clock }: RouteDependencies,
): void {
  const { catalogue, store } = records ?? {};
  if (!catalogue) return;
  const { directories } = storage;
  const repository = createCallRepository({
    catalogue,
    files: storage,
    shared: storage.options.shared?.changes,
    directory: directories.recordings,
    clock,
    unwritten: directories.unwritten,
    store,
  });
  app.use(createCallsRouter({ authenticator, calls: repository }));
  app.use(
    createStatisticsRouter({
      authenticator,
      catalogue,
      disk: () => diskSpace(directories.recordings),
      now: () => clock.now(),
    }),
  );
}

function mountPages(
  app: Express,
  { dependencies: { release, records }, authenticator }: RouteDependencies,
  sendErrorPage: SendErrorPage | undefined,
): void {
  const { pages } = release;
  const store = records?.store;
  if (pages === undefined) return;
  const mediaOrigin = store && (() => linkOriginOf(store).catch(() => undefined));
  app.use(createPageRouter({ authenticator, directory: pages, mediaOrigin, sendErrorPage }));
}
