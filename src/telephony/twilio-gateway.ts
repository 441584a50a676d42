import type { Request, Router } from 'express';
import type { IncomingMessage } from 'node:http';
import type { FailedAttemptLimiter } from '../http/auth/failed-attempt-limiter.ts';
import type { WebSocketRoute } from '../http/sockets/websocket-routes.ts';
import { componentLog, type Log } from '../log.ts';
import type { Settings } from '../settings/settings.ts';
import type { ProcessTelephoneCalls, TelephoneCalls } from './telephone-calls.ts';
import type { FormParams } from './twilio/signature.ts';
import { MEDIA_STREAM_PATH } from './twilio/webhook-routes.ts';
import { createWebhookRouter, type WebhookHandler } from './twilio/webhooks.ts';
import { type Refusal, WebhookAuth } from './webhook-auth.ts';

/** Twilio's messages have about 300 bytes. */
export const MAX_STREAM_MESSAGE_BYTES = 64 * 1024;
/** How often media streams are checked for dead sockets, missing starts and ended calls. */
export const STREAM_TICK_MS = 250;

export interface TwilioGatewayOptions {
  readonly settings: Settings;
  readonly log: Log;
  /** The calls of all processes. */
  readonly calls: TelephoneCalls;
  /** Gets the streams that arrive here. */
  readonly streams: Pick<ProcessTelephoneCalls, 'open'>;
  readonly limit: FailedAttemptLimiter;
  /** Monotonic, epoch milliseconds. */
  readonly now: () => number;
}

/** Twilio entry points: webhooks and the media WebSocket, with authentication. */
export class TwilioGateway implements WebhookHandler {
  readonly calls: TelephoneCalls;
  readonly #options: TwilioGatewayOptions;
  readonly #auth: WebhookAuth;

  constructor(options: TwilioGatewayOptions) {
    this.#options = { ...options, log: componentLog(options.log, 'telephony') };
    this.calls = options.calls;
    this.#auth = new WebhookAuth(options.settings, options.limit);
  }

  /** How many signed webhooks of other accounts were refused. */
  get foreignAccounts(): number {
    return this.#auth.foreignAccounts;
  }

  routes(): Router {
    const { settings, log } = this.#options;
    return createWebhookRouter({ handler: this, language: settings.language, log });
  }

  webSocketRoute(): WebSocketRoute {
    return {
      path: MEDIA_STREAM_PATH,
      maxMessageBytes: MAX_STREAM_MESSAGE_BYTES,
      refusal: (request) => this.streamRefusal(request),
      open: (socket) => this.#options.streams.open(socket),
    };
  }

  /** Why a media stream is refused before its handshake. */
  streamRefusal(request: IncomingMessage): Refusal | undefined {
    const claim = { scheme: 'wss', pathAndQuery: request.url ?? '', params: {} } as const;
    return this.#auth.refusal(request, claim, this.#options.now());
  }

  refusal(request: Request, params: FormParams): Refusal | undefined {
    const { originalUrl: pathAndQuery, method } = request;
    const signedOnly = method === 'GET';
    const { AccountSid } = signedOnly ? (request.query as FormParams) : params;
    const accountSid = typeof AccountSid === 'string' ? AccountSid : AccountSid?.[0];
    const before = this.#auth.foreignAccounts;
    const claim = { scheme: 'https', pathAndQuery, params, accountSid, signedOnly } as const;
    const refusal = this.#auth.refusal(request, claim, this.#options.now());
    if (this.#auth.foreignAccounts > before)
      this.#options.log.warn(
        { accountSid, path: request.path, refused: this.#auth.foreignAccounts },
        'refused a signed webhook of another Twilio account',
      );
    return refusal;
  }

  address(request: Request, path: string, scheme: 'http' | 'ws'): string {
    return this.#auth.address(request, path, scheme);
  }
}
