import type { Router } from 'express';
import { Registry } from 'prom-client';
import { requireAuth, type RequireAuthOptions } from '../../http/auth/require-auth.ts';
import { sendProblem } from '../../http/problem-response.ts';
import { route, type RouteDefinition } from '../../http/route.ts';
import { RouteRouter } from '../../http/route-router.ts';

export interface MetricsRouterOptions extends RequireAuthOptions {
  /** The calls of all processes. */
  readonly calls: { metrics(): Promise<string> };
}

export const METRICS_ROUTES = {
  get: route({
    method: 'get',
    path: '/metrics',
    tag: 'Server',
    summary: 'Metrics of calls, replies, services and processes, for Prometheus',
    responses: {
      200: ['The metrics of all processes, in the text format 0.0.4', 'text/plain'],
      503: ['A process with calls does not answer'],
    },
  }),
} as const satisfies Record<string, RouteDefinition>;

/** `GET /metrics`. */
export function createMetricsRouter({ calls, ...options }: MetricsRouterOptions): Router {
  return new RouteRouter({ login: requireAuth(options) }).add(METRICS_ROUTES.get, async ({ response }) => {
    const text = await calls.metrics().catch(() => undefined);
    if (text === undefined) sendProblem(response, 503, 'A process with calls does not answer.');
    else response.type(Registry.PROMETHEUS_CONTENT_TYPE).send(text);
  }).router;
}
