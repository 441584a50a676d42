import type { Router } from 'express';
import { z } from 'zod';
import { requireAuth, type RequireAuthOptions } from '../http/auth/require-auth.ts';
import { sendProblem } from '../http/problem-response.ts';
import { JSON_TYPE, route, type RouteDefinition } from '../http/route.ts';
import { RouteRouter } from '../http/route-router.ts';

const MAX_BODY_BYTES = 1_024;

/** Why no new calls are accepted. */
export type NotReady = 'draining' | 'stopping' | 'full' | 'overloaded';

/** Decides whether new calls are accepted. */
export interface NewCallGate {
  /** Undefined: new calls are accepted. */
  readonly notReady: NotReady | undefined;
  readonly isDraining: boolean;
  /** Calls in progress. */
  readonly activeCalls: number;
  /** False if the server is stopping already. */
  drain(isDraining: boolean): boolean;
}

export const READINESS_ROUTES = {
  ready: route({
    method: 'get',
    path: '/ready',
    tag: 'Server',
    access: 'open',
    summary: 'Whether new calls are accepted; for load balancers and readiness probes',
    responses: {
      200: ['`ready`: true', JSON_TYPE],
      503: ['`ready`: false, and the `reason`: `draining`, `stopping`, `full` or `overloaded`', JSON_TYPE],
    },
  }),
  drainState: route({
    method: 'get',
    path: '/api/drain',
    tag: 'Server',
    summary: 'Whether the server drains, and how many calls are in progress',
    responses: { 200: ['`draining` and `activeCalls`', JSON_TYPE] },
  }),
  drain: route({
    method: 'put',
    path: '/api/drain',
    tag: 'Server',
    summary: 'Begins or ends draining: no new calls are accepted, live ones continue',
    body: {
      types: [JSON_TYPE],
      schema: z.strictObject({ draining: z.boolean() }),
      maxBytes: MAX_BODY_BYTES,
    },
    responses: {
      200: ['`draining` and `activeCalls`', JSON_TYPE],
      400: ['The body is invalid'],
      409: ['The server is stopping'],
    },
  }),
} as const satisfies Record<string, RouteDefinition>;

export interface ReadinessRouterOptions extends RequireAuthOptions {
  readonly gate: NewCallGate;
}

/** `GET /ready` and `/api/drain`. */
export function createReadinessRouter({ gate, ...options }: ReadinessRouterOptions): Router {
  const state = () => ({ draining: gate.isDraining, activeCalls: gate.activeCalls });
  return new RouteRouter({ login: requireAuth(options) })
    .add(READINESS_ROUTES.ready, ({ response }) => {
      const reason = gate.notReady;
      if (reason === undefined) response.json({ ready: true });
      else response.status(503).json({ ready: false, reason });
    })
    .add(READINESS_ROUTES.drainState, ({ response }) => void response.json(state()))
    .add(READINESS_ROUTES.drain, ({ body, response }) => {
      if (gate.drain(body.draining)) response.json(state());
      else sendProblem(response, 409, 'The server is stopping.');
    }).router;
}
