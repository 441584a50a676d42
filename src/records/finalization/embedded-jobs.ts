import type { Clock } from '../../events/clock.ts';
import {
  type FinalizationJob,
  type FinalizationJobs,
  type JobCounts,
  type JobExecutor,
  jobPauseMs,
  type JobResult,
} from './finalization-jobs.ts';

type JobState = keyof JobCounts;

export interface EmbeddedJobsOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  /** Receives failed attempts. */
  readonly observer: { failed(job: FinalizationJob, error: unknown, retryMs: number): void };
  /** Factor of all pauses, for tests. */
  readonly pauseScale?: number | undefined;
}

/**
 * Jobs in the memory of one process, which is the only one that executes them: each begins at once, as many as there are ended calls.
 * After a crash the journals on disk are found by recovery.
 */
export class EmbeddedJobs implements FinalizationJobs {
  readonly #options: EmbeddedJobsOptions;
  readonly #jobs = new Map<string, JobState>();
  readonly #early: FinalizationJob[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #given = new AbortController();
  #executor: JobExecutor | undefined;

  constructor(options: EmbeddedJobsOptions) {
    this.#options = options;
  }

  get counts(): JobCounts {
    const counts = { waiting: 0, running: 0, delayed: 0 };
    for (const state of this.#jobs.values()) counts[state] += 1;
    return counts;
  }

  add(job: FinalizationJob): Promise<void> {
    if (this.#stopping.signal.aborted) return Promise.reject(new Error('this process is stopping'));
    const name = nameOf(job);
    if (this.#jobs.has(name)) return Promise.resolve();
    this.#jobs.set(name, 'waiting');
    if (this.#executor) this.#begin(job, this.#executor);
    else this.#early.push(job);
    return Promise.resolve();
  }

  start(executor: JobExecutor): void {
    this.#executor = executor;
    for (const job of this.#early.splice(0)) this.#begin(job, executor);
  }

  async stop(withinMs: number): Promise<void> {
    this.#stopping.abort();
    const done = new AbortController();
    void this.#options.clock.sleep(withinMs, done.signal).then(() => this.#given.abort());
    await Promise.all(this.#running);
    done.abort();
  }

  #begin(job: FinalizationJob, executor: JobExecutor): void {
    const work = this.#run(job, executor).finally(() => this.#running.delete(work));
    this.#running.add(work);
  }

  async #run(job: FinalizationJob, executor: JobExecutor): Promise<void> {
    const { clock, observer, pauseScale } = this.#options;
    const name = nameOf(job);
    for (let attempts = 1; !this.#stopping.signal.aborted; attempts += 1) {
      this.#jobs.set(name, 'running');
      let outcome: JobResult | 'failed';
      let failure: unknown;
      try {
        outcome = await executor.execute(job, this.#given.signal);
      } catch (error) {
        outcome = 'failed';
        failure = error;
      }
      if (outcome === 'done') break;
      const pauseMs = jobPauseMs(attempts, outcome, pauseScale);
      if (outcome === 'failed') observer.failed(job, failure, pauseMs);
      this.#jobs.set(name, 'delayed');
      await clock.sleep(pauseMs, this.#stopping.signal);
    }
    this.#jobs.delete(name);
  }
}

function nameOf({ callSid, fence }: FinalizationJob): string {
  return `${callSid}-${fence}`;
}
