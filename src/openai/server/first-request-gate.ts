import type { Timer } from './timers.ts';

/** A server that has not refused by then is working on the request. */
const MAX_WAIT_MS = 2_000;

/**
 * Lets one request at a time through until the server has accepted one. Two sentences that are synthesised at the same time would
 * otherwise both be refused for the same shape.
 */
export class FirstRequestGate {
  readonly #timer: Timer;
  #isAccepted = false;
  /** Resolves when the request that was let through ends or is accepted. */
  #first: Promise<void> | undefined;
  #open = (): void => {};

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  /** Resolves when the request may be sent, at the latest after 2 s or when `signal` aborts. Returns the function that lets the next request through. */
  async enter(signal: AbortSignal): Promise<() => void> {
    let isLate = false;
    while (this.#first && !this.#isAccepted && !isLate && !signal.aborted)
      isLate = await this.#waitFor(this.#first, signal);
    if (this.#isAccepted || this.#first) return () => {};
    this.#first = new Promise((resolve) => (this.#open = resolve));
    return () => {
      this.#first = undefined;
      this.#open();
    };
  }

  /** The server accepted a request. */
  accepted(): void {
    this.#isAccepted = true;
    this.#open();
  }

  /** Returns true if the wait took too long. */
  #waitFor(first: Promise<void>, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isLate: boolean): void => {
        cancel();
        signal.removeEventListener('abort', aborted);
        resolve(isLate);
      };
      const aborted = (): void => end(false);
      const cancel = this.#timer(MAX_WAIT_MS, () => end(true));
      signal.addEventListener('abort', aborted, { once: true });
      void first.then(() => end(false));
    });
  }
}
