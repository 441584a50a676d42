import type { Request, Router } from 'express';
import type { CallIdentity } from '../call/call-options.ts';
import type { RingResult } from '../call/call-registry-options.ts';
import type { CallRegistry } from '../call/call-registry.ts';
import type { FailedAttemptLimiter } from '../http/auth/failed-attempt-limiter.ts';
import type { WebSocketRoute } from '../http/websocket-routes.ts';
import type { Journal } from '../journal/journal.ts';
import { componentLog, type Log } from '../log.ts';
import type { Settings } from '../settings/settings.ts';
import { type CallOwnership, CallStreams } from './call-streams.ts';
import { CallerRegistry } from './caller-registry.ts';
import { MediaStream } from './twilio/media-stream.ts';
import type { FormParams } from './twilio/signature.ts';
import type { StreamSource } from './twilio/stream-ports.ts';
import { StreamTokens } from './twilio/stream-tokens.ts';
import { MEDIA_STREAM_PATH } from './twilio/webhook-routes.ts';
import { createWebhookRouter, type WebhookHandler } from './twilio/webhooks.ts';
import { type Refusal, WebhookAuth } from './webhook-auth.ts';

/** Twilio's messages have about 300 bytes. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** How often media streams are checked for dead sockets, missing starts and ended calls. */
export const STREAM_TICK_MS = 250;

/** Ends calls at the telephone provider. */
export interface CallTerminator {
  endCall(callSid: string): Promise<void>;
  /** Rejects with a sentence if the provider does not accept the account. */
  readonly check?: (() => Promise<void>) | undefined;
}

export interface TwilioGatewayOptions {
  readonly settings: Settings;
  readonly log: Log;
  readonly calls: CallRegistry<Journal>;
  readonly ownership: CallOwnership;
  readonly limit: FailedAttemptLimiter;
  /** Monotonic, epoch milliseconds. */
  readonly now: () => number;
  /** Ends a call at Twilio; undefined if no account is configured. */
  readonly terminator?: CallTerminator | undefined;
  /** A call is about to start. */
  readonly ringing: () => void;
}

/** Twilio entry points: webhooks and the media WebSocket, with authentication. */
export class TwilioGateway implements StreamSource, WebhookHandler {
  readonly streams: CallStreams;
  readonly #options: TwilioGatewayOptions;
  readonly #streams = new Set<MediaStream>();
  readonly #tokens = new StreamTokens();
  readonly #callers = new CallerRegistry();
  readonly #auth: WebhookAuth;

  constructor(options: TwilioGatewayOptions) {
    const log = componentLog(options.log, 'telephony');
    this.#options = { ...options, log };
    this.#auth = new WebhookAuth(options.settings, options.limit);
    this.streams = new CallStreams(options.calls, options.ownership, log);
  }

  /** How many signed webhooks of other accounts were refused. */
  get foreignAccounts(): number {
    return this.#auth.foreignAccounts;
  }

  /** Remembers the parties of a call whose stream has not started yet. */
  remember(identity: CallIdentity): void {
    this.#callers.remember(identity);
  }

  /** Call it every `STREAM_TICK_MS`. */
  tick(atMs: number): void {
    for (const stream of this.#streams) if (!stream.tick(atMs)) this.#streams.delete(stream);
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }

  routes(): Router {
    const { settings, log, now } = this.#options;
    return createWebhookRouter({ handler: this, language: settings.language, log, now });
  }

  webSocketRoute(): WebSocketRoute {
    const { now } = this.#options;
    return {
      path: MEDIA_STREAM_PATH,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      refusal: (request) =>
        this.#auth.refusal(request, { scheme: 'wss', pathAndQuery: request.url ?? '', params: {} }, now()),
      open: (socket) =>
        void this.#streams.add(new MediaStream(socket, { source: this, target: this.streams, now })),
    };
  }

  authenticate(callSid: string, token: string | undefined, atMs: number): CallIdentity | undefined {
    if (this.#auth.requiresTokens && !this.#tokens.redeem(token, callSid, atMs)) return undefined;
    return this.#callers.identityOf(callSid);
  }

  async endCall(callSid: string): Promise<boolean> {
    if (!this.#options.terminator) return false;
    try {
      await this.#options.terminator.endCall(callSid);
      return true;
    } catch (error) {
      this.#options.log.warn({ callSid, err: error }, 'hang-up over REST failed; closing the socket instead');
      return false;
    }
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

  async ring(identity: CallIdentity, atMs: number): Promise<RingResult> {
    const { calls, ownership, ringing } = this.#options;
    const free = (await ownership.acquire(identity.callSid)) ?? true;
    const outcome = free ? calls.ring(identity, atMs) : 'over';
    if (outcome === 'accepted') {
      this.#callers.remember(identity);
      ringing();
    }
    return outcome;
  }

  async continues(callSid: string, atMs: number): Promise<boolean> {
    const { calls, ownership } = this.#options;
    await ownership.acquire(callSid);
    return calls.continues(callSid, atMs);
  }

  async completed(callSid: string, atMs: number): Promise<void> {
    const { calls, ownership } = this.#options;
    await ownership.acquire(callSid);
    calls.completed(callSid, atMs);
  }

  issueToken(identity: CallIdentity, atMs: number): string {
    this.#callers.remember(identity);
    return this.#tokens.issue(identity.callSid, atMs);
  }
}
