/** The time, and waiting for a moment. The real one is in `app/`; replays and tests use a virtual one. */
export interface Clock {
  /** Epoch milliseconds that never go back. */
  now(): number;
  /** Resolves after `ms`, or as soon as `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
