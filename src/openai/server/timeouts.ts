/** Timeouts and retries of service requests. */
export interface ServiceTimeouts {
  /** Until the response begins, per request. */
  readonly answerMs: number;
  /** Between two pieces of a response. */
  readonly idleMs: number;
  /** Retries with growing pauses; none after the response has begun or after a timeout. */
  readonly retries: number;
  /** The longest pause before a retry. A server that asks for a longer one is not asked again. */
  readonly maxPauseMs: number;
}

/**
 * During a call. The caller hears fillers meanwhile and an apology after 25 s. A request is not aborted earlier: a server that
 * loads its model (Ollama after five idle minutes) would begin again.
 */
export const LIVE_TIMEOUTS: ServiceTimeouts = {
  answerMs: 25_000,
  idleMs: 6_000,
  retries: 2,
  maxPauseMs: 4_000,
};

/** After the call. */
export const BACKGROUND_TIMEOUTS: ServiceTimeouts = {
  answerMs: 60_000,
  idleMs: 30_000,
  retries: 3,
  maxPauseMs: 30_000,
};

/** For a recording of minutes as one request. undici waits no longer than 300 s for the response's headers. */
export const RECORDING_TIMEOUTS: ServiceTimeouts = {
  answerMs: 285_000,
  idleMs: 15_000,
  retries: 1,
  maxPauseMs: 30_000,
};
