import type { Router } from 'express';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { CallIdentity } from '../call/call-options.ts';
import type { Authenticator } from '../http/auth/authenticator.ts';
import { requireAuth } from '../http/auth/require-auth.ts';
import { JSON_TYPE, route, type RouteDefinition } from '../http/route.ts';
import { RouteRouter } from '../http/route-router.ts';
import type { WebSocketRoute } from '../http/sockets/websocket-routes.ts';
import { MediaStream } from './twilio/media-stream.ts';
import type { StreamSource, StreamTarget } from './twilio/stream-ports.ts';
import type { StreamTicketStore } from './twilio/stream-tickets.ts';

const BROWSER_STREAM = '/phone/stream';
const MAX_MESSAGE_BYTES = 64 * 1024;
const BROWSER = { from: 'browser', to: 'offhook' } as const;

export const BROWSER_ROUTES = {
  announce: route({
    method: 'post',
    path: '/phone/calls',
    tag: 'Telephone',
    summary: 'Announces a call from the browser: returns its CallSid and the token for its stream',
    responses: { 201: ['`callSid`, `streamSid`, `token`, `socket`', JSON_TYPE] },
  }),
} as const satisfies Record<string, RouteDefinition>;

export interface BrowserGatewayOptions {
  readonly authenticator: Authenticator;
  readonly now: () => number;
  readonly streams: StreamTarget;
  readonly tickets: StreamTicketStore;
  /** A call is about to start. */
  readonly ringing: () => void;
}

/**
 * Calls from the browser telephone. It sends the messages of Twilio Media Streams, so the same code handles them. A call's
 * CallSid and one-time token come from `POST /phone/calls`, which requires a login like every page.
 */
export class BrowserGateway implements StreamSource {
  readonly #options: BrowserGatewayOptions;
  readonly #streams = new Set<MediaStream>();

  constructor(options: BrowserGatewayOptions) {
    this.#options = options;
  }

  routes(): Router {
    return new RouteRouter({ login: requireAuth(this.#options) }).add(
      BROWSER_ROUTES.announce,
      async ({ response }) => {
        const { ringing, tickets, now } = this.#options;
        const callSid = newSid('CA');
        ringing();
        const token = await tickets.issue({ callSid, ...BROWSER }, now());
        response.status(201).json({ callSid, streamSid: newSid('MZ'), token, socket: BROWSER_STREAM });
      },
    ).router;
  }

  webSocketRoute(): WebSocketRoute {
    return {
      path: BROWSER_STREAM,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      refusal: (request: IncomingMessage) => {
        const result = this.#options.authenticator.authenticate(request);
        return result.admitted ? undefined : result;
      },
      open: (socket: WebSocket) => {
        const { streams: target, now } = this.#options;
        this.#streams.add(new MediaStream(socket, { source: this, target, now }));
      },
    };
  }

  authenticate(
    callSid: string,
    token: string | undefined,
    atMs: number,
  ): CallIdentity | undefined | Promise<CallIdentity | undefined> {
    return this.#options.tickets.redeem(token, callSid, atMs);
  }

  /** Closing the socket ends a browser's call. */
  endCall(): Promise<boolean> {
    return Promise.resolve(false);
  }

  tick(atMs: number): void {
    for (const stream of this.#streams) if (!stream.tick(atMs)) this.#streams.delete(stream);
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }
}

/** Whether a call comes from the browser telephone. A telephone number is never `browser`. */
export function isFromBrowser({ from }: Pick<CallIdentity, 'from'>): boolean {
  return from === BROWSER.from;
}

/** A SID in Twilio's format: two letters and 32 hexadecimal digits. */
function newSid(kind: 'CA' | 'MZ'): string {
  return `${kind}${randomBytes(16).toString('hex')}`;
}
