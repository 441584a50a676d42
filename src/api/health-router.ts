import { Router } from 'express';
import type { Authenticator } from '../http/auth/authenticator.ts';

/** What the server says of itself. */
export interface HealthReport {
  /** `degraded`: it works, but not everything does; `problems` says what. */
  readonly status: 'ok' | 'degraded' | 'draining';
  /** What fails and why, as sentences. */
  readonly problems?: readonly string[] | undefined;
  readonly activeCalls: number;
  readonly activeConnections: number;
  /** What is not configured, by name: transcription, chat, speech, telephony. */
  readonly missing: readonly string[];
  /** Further figures, with their units in their names. */
  readonly figures?: Readonly<Record<string, number>>;
}

export interface HealthRouterOptions {
  readonly version: string;
  readonly doorkeeper: Authenticator;
  readonly uptimeSeconds: () => number;
  readonly facts: () => HealthReport;
}

/** `GET /health`: the status for everyone, the rest for who is local or logged in. 200 also when services are missing. */
export function createHealthRouter({
  version,
  doorkeeper,
  uptimeSeconds,
  facts,
}: HealthRouterOptions): Router {
  const router = Router();
  router.get('/health', (request, response) => {
    const { status, problems, activeCalls, activeConnections, missing, figures } = facts();
    if (!doorkeeper.peek(request).admitted) {
      response.json({ status });
      return;
    }
    const uptime = Math.floor(uptimeSeconds());
    response.json({
      status,
      problems: problems?.length ? problems : undefined,
      version,
      uptimeSeconds: uptime,
      activeCalls,
      activeConnections,
      missing,
      ...figures,
    });
  });
  return router;
}
