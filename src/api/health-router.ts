import type { Router } from 'express';
import type { Authenticator } from '../http/auth/authenticator.ts';
import { JSON_TYPE, route, type RouteDefinition } from '../http/route.ts';
import { RouteRouter } from '../http/route-router.ts';

/** The state of the server. */
export interface HealthReport {
  /** `degraded`: something fails; `problems` says what. */
  readonly status: 'ok' | 'degraded' | 'draining';
  /** Failures and their causes, as sentences. */
  readonly problems?: readonly string[] | undefined;
  /** The services whose last request failed: which, since when, why. */
  readonly failing?: readonly object[] | undefined;
  readonly activeCalls: number;
  readonly activeConnections: number;
  /** Services that are not configured: transcription, chat, speech, telephony. */
  readonly missing: readonly string[];
  /** What was learned of the servers in use: which requests they accept and what they send. */
  readonly servers?: readonly object[] | undefined;
  /** The machine that does what is done once for all machines; undefined: this one is alone, or it is not known. */
  readonly scheduledWork?: string | undefined;
  /** Further figures, with their units in their names. */
  readonly figures?: Readonly<Record<string, number | undefined>>;
}

export interface HealthRouterOptions {
  readonly version: string;
  readonly authenticator: Authenticator;
  readonly report: () => HealthReport;
}

export const HEALTH_ROUTES = {
  get: route({
    method: 'get',
    path: '/health',
    tag: 'Server',
    access: 'open',
    summary: 'The status of the server; details for admitted requests only',
    responses: { 200: ['`status`, and for admitted requests the details', JSON_TYPE] },
  }),
} as const satisfies Record<string, RouteDefinition>;

/** `GET /health`: the status for everyone, details for admitted requests. Answers 200 also if services are missing. */
export function createHealthRouter({ version, authenticator, report }: HealthRouterOptions): Router {
  return new RouteRouter({}).add(HEALTH_ROUTES.get, ({ request, response }) => {
    const { status, problems, failing, servers, figures, ...facts } = report();
    if (!authenticator.peek(request).admitted) {
      response.json({ status });
      return;
    }
    response.json({
      status,
      problems: problems?.length ? problems : undefined,
      failing: failing?.length ? failing : undefined,
      version,
      uptimeSeconds: Math.floor(process.uptime()),
      ...facts,
      servers: servers?.length ? servers : undefined,
      ...figures,
    });
  }).router;
}
