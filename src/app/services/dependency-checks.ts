import type { Clock } from '../../events/clock.ts';
import type { Log } from '../../log.ts';
import type { Dependency, Outages } from '../outages.ts';
import { SLOW_ANSWER_MS } from './service-probe.ts';

/** Pause between two checks of a dependency that fails. */
const RECHECK_MS = 60_000;

/** One small real request. It rejects if the dependency does not work, after a time limit of its own. */
export type DependencyCheck = readonly [service: Dependency, check: () => Promise<unknown>];

export interface DependencyChecksOptions {
  readonly checks: readonly DependencyCheck[];
  readonly outages: Outages;
  readonly log: Log;
  readonly clock: Clock;
  /** Pause between two checks of a dependency that works; 0: nothing is checked. */
  readonly everyMs: number;
}

/** Asks each dependency at the start and then regularly: a failure is known before a call needs it. */
export class DependencyChecks {
  readonly #options: DependencyChecksOptions;
  readonly #stopped = new AbortController();

  constructor(options: DependencyChecksOptions) {
    this.#options = options;
  }

  /** Checks until `stop`. Never throws. */
  start(): void {
    const { checks, everyMs } = this.#options;
    if (everyMs > 0) for (const check of checks) void this.#repeat(check);
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #repeat(check: DependencyCheck): Promise<void> {
    const { clock, everyMs } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const works = await this.#works(check);
      await clock.sleep(works ? everyMs : Math.min(RECHECK_MS, everyMs), signal);
    }
  }

  async #works([service, check]: DependencyCheck): Promise<boolean> {
    const { outages, log, clock } = this.#options;
    const answered = new AbortController();
    const slow = new Error(`no answer within ${SLOW_ANSWER_MS / 1_000} s`);
    void clock
      .sleep(SLOW_ANSWER_MS, AbortSignal.any([this.#stopped.signal, answered.signal]))
      .then(() => answered.signal.aborted || this.#failed(service, slow));
    try {
      await check();
      if (outages.succeeded(service)) log.info({ service }, 'dependency works again');
      return true;
    } catch (error) {
      this.#failed(service, error);
      return false;
    } finally {
      answered.abort();
    }
  }

  #failed(service: Dependency, error: unknown): void {
    if (this.#stopped.signal.aborted) return;
    const { outages, log } = this.#options;
    if (outages.failed(service, error)) log.warn({ service, err: error }, 'dependency does not work');
  }
}
