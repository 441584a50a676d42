import { ServiceError } from '../../call/ports.ts';
import type { HttpResponse } from '../../proxy/http-response.ts';
import type { ServiceSettings } from '../../settings/settings.ts';
import { FirstRequestGate } from './first-request-gate.ts';
import { ModelWaker } from './model-waker.ts';
import { pieceByPiece, type TimedRequest, wholeResponse } from './request-deadlines.ts';
import type { ErrorShape } from './server-message.ts';
import { type LearnedProfile, type ProfiledService, ServerProfiles } from './server-profiles.ts';
import type { RequestEnvironment } from './request-environment.ts';
import { ResponseError } from './response-error.ts';
import { ServiceEndpoint } from './service-endpoint.ts';
import { TIMEOUT_CODE } from './service-failure.ts';
import type { ServiceTimeouts } from './timeouts.ts';
import { realTimer, type Timer } from './timers.ts';

/** A server that refuses this many shapes of one request is not asked for a further one. */
const MAX_SHAPES = 8;
const FIRST_PAUSE_MS = 500;

/** Why a server refused a request: what decides whether another shape of the request may succeed. */
export interface ShapeRefusal {
  /** Undefined for an error inside a successful response. */
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly param: string | undefined;
  /** The server's message; empty if it gave none. */
  readonly message: string;
}

export interface ServiceRequest {
  /** For errors: "writing a reply". */
  readonly doing: string;
  readonly signal: AbortSignal;
  /** Changes the shape of the next request after a refusal. Returns false if no other shape is left; may throw a better error. */
  readonly adapt: (refusal: ShapeRefusal) => boolean;
  /** The request has failed, and is not sent again. */
  readonly failed: () => void;
}

export interface ServiceClientOptions extends RequestEnvironment {
  readonly service: ProfiledService;
  readonly settings: ServiceSettings;
  readonly timeouts: ServiceTimeouts;
  readonly profiles?: ServerProfiles | undefined;
}

/**
 * Sends the requests of one service: with time limits, retries after transient failures, and further shapes of a request that
 * the server refuses for its shape.
 */
export class ServiceClient {
  readonly endpoint: ServiceEndpoint;
  readonly profile: LearnedProfile;
  readonly waker: ModelWaker;
  readonly #service: ProfiledService;
  /** Host and port. */
  readonly server: string;
  readonly #timeouts: ServiceTimeouts;
  readonly #timer: Timer;
  readonly #gate: FirstRequestGate;

  constructor({ service, settings, timeouts, profiles, send, timer, now }: ServiceClientOptions) {
    this.endpoint = new ServiceEndpoint(settings, send);
    this.profile = (profiles ?? new ServerProfiles()).of(service, settings);
    this.waker = new ModelWaker(this.profile, now);
    this.#service = service;
    this.server = new URL(settings.baseUrl).host;
    this.#timeouts = timeouts;
    this.#timer = timer ?? realTimer;
    this.#gate = new FirstRequestGate(this.#timer);
  }

  /** What `read` makes of a complete response. Throws a `ServiceError`, a programming error, or the signal's reason. */
  async whole<T>(
    request: ServiceRequest,
    open: (signal: AbortSignal) => Promise<HttpResponse>,
    read: (response: HttpResponse) => Promise<T>,
  ): Promise<T> {
    const attempts = new Attempts(this.#timeouts);
    const leave = await this.#gate.enter(request.signal);
    try {
      for (;;) {
        try {
          const response = await wholeResponse(this.#timeouts, this.#timed(request), open, read);
          this.#gate.accepted();
          return response;
        } catch (error) {
          await this.#prepareRetry(error, request, attempts);
        }
      }
    } catch (error) {
      if (!request.signal.aborted) request.failed();
      throw error;
    } finally {
      leave();
    }
  }

  /**
   * A response piece by piece. Nothing is retried after the first piece that is not empty; empty ones show that the connection is
   * alive. Ends without an error if the signal aborts it.
   */
  async *pieces<T extends { readonly length: number }>(
    request: ServiceRequest,
    open: (signal: AbortSignal) => Promise<AsyncIterable<T>>,
  ): AsyncGenerator<T, void, undefined> {
    const attempts = new Attempts(this.#timeouts);
    const leave = await this.#gate.enter(request.signal);
    try {
      for (;;) {
        let begun = false;
        try {
          for await (const piece of pieceByPiece(this.#timeouts, this.#timed(request), open)) {
            if (piece.length === 0) continue;
            begun = true;
            this.#gate.accepted();
            yield piece;
          }
          return;
        } catch (error) {
          if (begun) throw error;
          await this.#prepareRetry(error, request, attempts);
        }
        if (request.signal.aborted) return;
      }
    } catch (error) {
      if (!request.signal.aborted) request.failed();
      throw error;
    } finally {
      leave();
    }
  }

  /** An error that this service's server is responsible for. */
  failure(
    doing: string,
    said: string,
    options: { transient: boolean; code?: string | undefined; status?: number | undefined },
  ): ServiceError {
    const { transient, code, status } = options;
    const details = { server: this.server, status, said, code };
    return new ServiceError(this.#service, `${doing}: ${said}`, { transient, details });
  }

  #timed({ doing, signal }: ServiceRequest): TimedRequest {
    return { service: this.#service, doing, server: this.server, signal, timer: this.#timer };
  }

  /** Returns when the request may be sent again; throws `error` if it may not. */
  async #prepareRetry(error: unknown, request: ServiceRequest, attempts: Attempts): Promise<void> {
    if (!(error instanceof ServiceError) || error.details.code === TIMEOUT_CODE) throw error;
    const refusal = shapeRefusalOf(error);
    const shape = errorShapeOf(error);
    if (shape !== undefined) this.profile.learn({ errorShape: shape });
    if (refusal && attempts.hasShapeLeft && request.adapt(refusal)) {
      attempts.shapeTried();
      this.profile.retried(error.details, 'in another shape');
      return;
    }
    const pauseMs = error.transient ? attempts.pauseMs(error) : undefined;
    if (pauseMs === undefined) throw error;
    this.profile.retried(error.details, 'after a pause');
    await new Promise<void>((resolve) => {
      const cancel = this.#timer(pauseMs, resolve);
      request.signal.addEventListener('abort', () => (cancel(), resolve()), { once: true });
    });
    if (request.signal.aborted) throw error;
  }
}

/** Counts the attempts of one request. */
class Attempts {
  readonly #timeouts: ServiceTimeouts;
  #retries = 0;
  #shapes = 1;

  constructor(timeouts: ServiceTimeouts) {
    this.#timeouts = timeouts;
  }

  get hasShapeLeft(): boolean {
    return this.#shapes < MAX_SHAPES;
  }

  shapeTried(): void {
    this.#shapes += 1;
  }

  /** The pause before the next retry; undefined if none is left, or if the server asks for a longer pause than permitted. */
  pauseMs(error: ServiceError): number | undefined {
    if (this.#retries >= this.#timeouts.retries) return undefined;
    const pauseMs = requestedPauseMs(error) ?? FIRST_PAUSE_MS * 2 ** this.#retries;
    this.#retries += 1;
    return pauseMs <= this.#timeouts.maxPauseMs ? pauseMs : undefined;
  }
}

/** What a server said that responded; undefined if none responded. */
function shapeRefusalOf(error: ServiceError): ShapeRefusal | undefined {
  const { status, code, said } = error.details;
  if (status === undefined && code === undefined && said === undefined) return undefined;
  const { cause } = error;
  if (cause !== undefined && !(cause instanceof ResponseError)) return undefined;
  return { status, code, param: cause?.said.param, message: said ?? '' };
}

function errorShapeOf({ cause }: ServiceError): ErrorShape | undefined {
  return cause instanceof ResponseError ? cause.said.shape : undefined;
}

/** `Retry-After` in seconds, or `Retry-After-Ms` (Azure). */
function requestedPauseMs({ cause }: ServiceError): number | undefined {
  if (!(cause instanceof ResponseError)) return undefined;
  const { headers } = cause;
  const inMs = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (inMs >= 0) return inMs;
  const after = headers.get('retry-after') ?? '';
  const seconds = Number.parseFloat(after);
  return seconds >= 0 ? seconds * 1_000 : undefined;
}
