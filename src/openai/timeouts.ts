/** How long a service is waited for, and how often it is asked again. */
export interface ServiceTimeouts {
  /** Until the answer begins, for each attempt. */
  readonly answerMs: number;
  /** Between two pieces of an answer that has begun. */
  readonly idleMs: number;
  /** Attempts after the first one, with growing pauses; never after the answer has begun. */
  readonly retries: number;
}

/** On the telephone: the caller hears a filler at 3 s, and an apology is better than half a minute of waiting. */
export const LIVE_TIMEOUTS: ServiceTimeouts = { answerMs: 8_000, idleMs: 6_000, retries: 2 };

/** After the call nobody waits on the line. */
export const BACKGROUND_TIMEOUTS: ServiceTimeouts = { answerMs: 60_000, idleMs: 30_000, retries: 3 };
