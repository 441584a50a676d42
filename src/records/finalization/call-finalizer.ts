import { Finalization } from './finalization.ts';
import type { CallFinalizerOptions, CallToFinalize } from './finalizer-options.ts';

/** When the server stops, requests that were sent get this long; the next start continues the rest. */
const STOPPING_WAIT_MS = 3_000;

interface Running {
  readonly callSid: string;
  readonly abandon: AbortController;
}

/** Writes the files of ended calls: waits for late texts, requests the summary, has the files written. */
export class CallFinalizer {
  readonly #options: CallFinalizerOptions;
  readonly #running = new Map<Promise<void>, Running>();
  readonly #stopping = new AbortController();
  readonly #expired = new AbortController();

  constructor(options: CallFinalizerOptions) {
    this.#options = options;
  }

  /** Calls that are being finalized, including those that wait for late texts. */
  get unfinished(): number {
    return this.#running.size;
  }

  /** Resolves when the call's files exist. Late texts are still requested after that. */
  finish(call: CallToFinalize): Promise<void> {
    return new Promise((resolve) => {
      const abandon = new AbortController();
      const signals = {
        abandoned: abandon.signal,
        stopping: this.#stopping.signal,
        expired: this.#expired.signal,
      };
      const work = new Finalization(this.#options, call, signals).run(resolve).catch((error: unknown) => {
        const { callSid } = call;
        this.#options.observer.failed({ kind: 'unwritten', callSid, doing: 'finishing', error });
      });
      this.#running.set(work, { callSid: call.callSid, abandon });
      void work.then(() => {
        this.#running.delete(work);
        resolve();
      });
    });
  }

  /** Stops finalizing a call that is being erased, and removes its journal. Resolves when that is done. */
  async abandon(callSid: string): Promise<void> {
    const works = [...this.#running].filter(([, running]) => running.callSid === callSid);
    for (const [, { abandon }] of works) abandon.abort();
    await Promise.all(works.map(([work]) => work));
  }

  /** Ends all retries; the next start continues them. Resolves when the files of running calls are written. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const stopped = new AbortController();
    const waited = this.#options.clock.sleep(STOPPING_WAIT_MS, stopped.signal);
    void waited.then(() => this.#expired.abort());
    await Promise.all(this.#running.keys());
    stopped.abort();
  }
}
