import type { Router } from 'express';
import type { CallIdentity } from '../call/call-options.ts';
import type { CallRegistry } from '../call/call-registry.ts';
import type { FailedAttemptLimiter } from '../http/auth/failed-attempt-limiter.ts';
import type { WebSocketRoute } from '../http/websocket-routes.ts';
import type { Journal } from '../journal/journal.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings/settings.ts';
import { CallerRegistry } from './caller-registry.ts';
import { MediaStream, type MediaStreamOptions } from './twilio/media-stream.ts';
import { StreamTokens } from './twilio/stream-tokens.ts';
import { TELEPHONE_PATHS, createWebhookRouter } from './twilio/webhooks.ts';
import { WebhookAuth } from './webhook-auth.ts';

/** Twilio's messages are about 300 bytes; more than this is somebody else's. */
const LARGEST_MESSAGE_BYTES = 64 * 1024;
/** How often sockets are looked at: dead ones, silent ones, those whose call is over. */
export const STREAM_TICK_MS = 250;

/** Decides whose call it is when Twilio names a call that another process may hold. */
export interface CallSettlement {
  /** Resolves with false if a living process holds the call; undefined if recovery is not running. */
  settle(callSid: string): Promise<boolean> | undefined;
}

export interface TwilioGatewayOptions {
  readonly settings: Settings;
  readonly log: Log;
  readonly calls: CallRegistry<Journal>;
  readonly recovery: CallSettlement;
  readonly limit: FailedAttemptLimiter;
  /** Monotonic, epoch milliseconds. */
  readonly now: () => number;
  /** Ends a call at Twilio; absent where no account is configured. */
  readonly endCall?: (callSid: string) => Promise<void>;
  /** A phone rings. */
  readonly ringing: () => void;
}

/** The doors that calls come through, and what is asked of whoever knocks: webhooks, and the media stream's socket. */
export class TwilioGateway {
  readonly #parts: TwilioGatewayOptions;
  readonly #streams = new Set<MediaStream>();
  readonly #tokens = new StreamTokens();
  readonly #callers = new CallerRegistry();
  readonly #access: WebhookAuth;

  constructor(parts: TwilioGatewayOptions) {
    this.#parts = parts;
    this.#access = new WebhookAuth(parts.settings, parts.limit);
  }

  /** Who calls whom in a call whose stream is still to come. */
  remember(identity: CallIdentity): void {
    this.#callers.remember(identity);
  }

  /** To be called every `STREAM_TICK_MS`. */
  tick(atMs: number): void {
    for (const stream of this.#streams) if (!stream.tick(atMs)) this.#streams.delete(stream);
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }

  /** The media stream's door. */
  webSocketRoute(): WebSocketRoute {
    const parts: MediaStreamOptions = {
      ...this.streams(),
      prove: (...claim) => this.#prove(...claim),
      endCall: (sid) => this.endCall(sid),
    };
    return {
      path: TELEPHONE_PATHS.media,
      largestMessageBytes: LARGEST_MESSAGE_BYTES,
      refusal: (request) =>
        this.#access.refusal(
          request,
          { scheme: 'wss', pathAndQuery: request.url ?? '', params: {} },
          this.#parts.now(),
        ),
      open: (socket) => void this.#streams.add(new MediaStream(socket, parts)),
    };
  }

  /** What every stream of a call needs, wherever it comes from. */
  streams(): Omit<MediaStreamOptions, 'prove' | 'endCall'> {
    const { log, calls, recovery, now } = this.#parts;
    return {
      now,
      settle: (callSid) => recovery.settle(callSid),
      streamStarted: (identity, streamSid, line, atMs) => {
        log.info({ callSid: identity.callSid, streamSid }, 'stream started');
        return calls.streamStarted(identity, streamSid, line, atMs);
      },
      streamEnded: (callSid, line, reason, atMs, lastSignMs) => {
        log.info({ callSid, reason }, 'stream ended');
        calls.streamEnded(callSid, line, reason, atMs, lastSignMs);
      },
      odd: (what, callSid) => log.warn({ callSid, what }, 'something odd on a media stream'),
    };
  }

  #prove(callSid: string, token: string | undefined, atMs: number): CallIdentity | undefined {
    if (this.#access.wantsTokens && !this.#tokens.redeem(token, callSid, atMs)) return undefined;
    return this.#callers.identityOf(callSid);
  }

  routes(): Router {
    const { settings, log, calls, recovery, now } = this.#parts;
    return createWebhookRouter({
      now,
      language: settings.language,
      refusal: (request, params) =>
        this.#access.refusal(request, { scheme: 'https', pathAndQuery: request.originalUrl, params }, now()),
      address: (request, path, scheme) => this.#access.address(request, path, scheme),
      ring: async (identity, atMs) => {
        const free = (await recovery.settle(identity.callSid)) ?? true;
        const outcome = free ? calls.ring(identity, atMs) : 'over';
        if (outcome === 'welcome') {
          this.#callers.remember(identity);
          this.#parts.ringing();
        }
        return outcome;
      },
      goesOn: async (callSid, atMs) => {
        await recovery.settle(callSid);
        return calls.goesOn(callSid, atMs);
      },
      completed: async (callSid, atMs) => {
        await recovery.settle(callSid);
        calls.completed(callSid, atMs);
      },
      issueToken: (identity, atMs) => {
        this.#callers.remember(identity);
        return this.#tokens.issue(identity.callSid, atMs);
      },
      note: (what, fields) => log.info(fields, what),
    });
  }

  /** False where Twilio could not be told, so that closing the socket has to do. */
  async endCall(callSid: string): Promise<boolean> {
    if (!this.#parts.endCall) return false;
    try {
      await this.#parts.endCall(callSid);
      return true;
    } catch (error) {
      this.#parts.log.warn(
        { callSid, err: error },
        'hanging up over REST failed; the socket is closed instead',
      );
      return false;
    }
  }
}
