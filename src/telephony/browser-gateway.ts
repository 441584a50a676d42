import { Router } from 'express';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { Authenticator } from '../http/auth/authenticator.ts';
import { requireAuth } from '../http/auth/require-auth.ts';
import type { WebSocketRoute } from '../http/websocket-routes.ts';
import { CallerRegistry } from './caller-registry.ts';
import { MediaStream, type MediaStreamOptions } from './twilio/media-stream.ts';
import { StreamTokens } from './twilio/stream-tokens.ts';

const BROWSER_STREAM = '/phone/stream';
const LARGEST_MESSAGE_BYTES = 64 * 1024;
const BROWSER = { from: 'browser', to: 'offhook' } as const;

export interface BrowserGatewayOptions {
  readonly doorkeeper: Authenticator;
  readonly now: () => number;
  /** What a stream of the telephone's needs; only who proves it, and how its call is ended, differ here. */
  readonly streams: Omit<MediaStreamOptions, 'prove' | 'endCall'>;
  /** A call is about to come. */
  readonly ringing: () => void;
}

/**
 * The telephone in the browser: it speaks Twilio's own messages to the same code as the telephone's streams. A call's name
 * and its one-time token come from `POST /phone/calls`, which asks for what every page asks for.
 */
export class BrowserGateway {
  readonly #parts: BrowserGatewayOptions;
  readonly #streams = new Set<MediaStream>();
  readonly #tokens = new StreamTokens();
  readonly #callers = new CallerRegistry();

  constructor(parts: BrowserGatewayOptions) {
    this.#parts = parts;
  }

  routes(): Router {
    const router = Router();
    router.post('/phone/calls', requireAuth(this.#parts), (_request, response) => {
      const callSid = newSid('CA');
      this.#callers.remember({ callSid, ...BROWSER });
      this.#parts.ringing();
      const token = this.#tokens.issue(callSid, this.#parts.now());
      response.status(201).json({ callSid, streamSid: newSid('MZ'), token, socket: BROWSER_STREAM });
    });
    return router;
  }

  webSocketRoute(): WebSocketRoute {
    return {
      path: BROWSER_STREAM,
      largestMessageBytes: LARGEST_MESSAGE_BYTES,
      refusal: (request: IncomingMessage) => {
        const entrance = this.#parts.doorkeeper.authenticate(request);
        return entrance.admitted ? undefined : entrance;
      },
      open: (socket: WebSocket) => {
        const { streams } = this.#parts;
        const prove: MediaStreamOptions['prove'] = (callSid, token, atMs) =>
          this.#tokens.redeem(token, callSid, atMs) ? this.#callers.identityOf(callSid) : undefined;
        const parts = { ...streams, prove, endCall: () => Promise.resolve(false) };
        this.#streams.add(new MediaStream(socket, parts));
      },
    };
  }

  tick(atMs: number): void {
    for (const stream of this.#streams) if (!stream.tick(atMs)) this.#streams.delete(stream);
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }
}

/** As Twilio names things: two letters and 32 hexadecimal digits. */
function newSid(kind: 'CA' | 'MZ'): string {
  return `${kind}${randomBytes(16).toString('hex')}`;
}
