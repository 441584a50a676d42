/** Timeouts and retries of service requests. */
export interface ServiceTimeouts {
  /** Until the response begins, per attempt. */
  readonly answerMs: number;
  /** Between two pieces of a response. */
  readonly idleMs: number;
  /** Retries with growing pauses; none after the response has begun. */
  readonly retries: number;
}

/** During a call: the caller hears a filler after 3 s, and an apology is better than waiting half a minute. */
export const LIVE_TIMEOUTS: ServiceTimeouts = { answerMs: 8_000, idleMs: 6_000, retries: 2 };

/** After the call. */
export const BACKGROUND_TIMEOUTS: ServiceTimeouts = { answerMs: 60_000, idleMs: 30_000, retries: 3 };
