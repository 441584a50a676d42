import { Router } from 'express';
import { admit, factsOf, type AccessSettings } from './who-is-local.ts';

/** What the server says of itself. */
export interface HealthFacts {
  readonly status: 'ok' | 'draining';
  readonly activeCalls: number;
  readonly activeConnections: number;
  /** What is not configured, by name: transcription, chat, speech, telephony. */
  readonly missing: readonly string[];
  /** Further figures, with their units in their names. */
  readonly figures?: Readonly<Record<string, number>>;
}

export interface HealthParts {
  readonly version: string;
  readonly access: AccessSettings;
  readonly uptimeSeconds: () => number;
  readonly facts: () => HealthFacts;
}

/** `GET /health`: the status for everyone, the rest for who is local or logged in. 200 also when services are missing. */
export function healthRoutes({ version, access, uptimeSeconds, facts }: HealthParts): Router {
  const router = Router();
  router.get('/health', (request, response) => {
    const { status, activeCalls, activeConnections, missing, figures } = facts();
    response.set('cache-control', 'no-store');
    if (!admit(factsOf(request), access).admitted) {
      response.json({ status });
      return;
    }
    const uptime = Math.floor(uptimeSeconds());
    response.json({
      status,
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
