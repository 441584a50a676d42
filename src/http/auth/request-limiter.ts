import { FailedAttemptLimiter } from './failed-attempt-limiter.ts';

/** A page with fifty players sends some hundred requests at once; a program that pages through all calls sends about ten a second. */
const LIMITS = { maxAtOnce: 1_000, forgivenAfterMs: 20 } as const;

/** Limits the requests of each admitted client, so that a program in a loop does not slow down calls. */
export class RequestLimiter {
  readonly #requests = new FailedAttemptLimiter(undefined, LIMITS);

  /** Counts a request; returns the seconds until the next one is accepted if there were too many, else 0. */
  take(client: string, nowMs: number): number {
    const waitSeconds = this.#requests.waitSeconds(client, nowMs);
    if (waitSeconds === 0) this.#requests.failed(client, nowMs);
    return waitSeconds;
  }
}
