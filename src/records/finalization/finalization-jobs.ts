/** The files of one ended call are to be written. The same call with the same fence is the same job. */
export interface FinalizationJob {
  readonly callSid: string;
  /** The call's fencing number when it ended; 0: this machine is alone. */
  readonly fence: number;
}

/** `done`: nothing is left to do. `incomplete`: the files are there and lack texts, which a service may provide later. */
export type JobResult = 'done' | 'incomplete';

/** Executes jobs of one process. */
export interface JobExecutor {
  /**
   * Must be idempotent: a job may be executed again after it was done. A rejection is a failed attempt, which is repeated.
   * `given`: aborted when the process stops and waits no longer, or when the job was given to another process.
   */
  execute(job: FinalizationJob, given: AbortSignal): Promise<JobResult>;
}

/** How many jobs there are in each state, of all processes. Undefined: not known, because the server that has the jobs does not answer. */
export interface JobCounts {
  readonly waiting: number | undefined;
  readonly running: number | undefined;
  /** They have failed or are incomplete, and are executed again after a pause. */
  readonly delayed: number | undefined;
}

/** Jobs that survive the process that executes them, as far as the implementation does. Each is executed by one process at a time. */
export interface FinalizationJobs {
  readonly counts: JobCounts;
  /** Resolves when the job is kept: from then on it is executed until it is done. A job that is there already stays. Rejects if it cannot be kept. */
  add(job: FinalizationJob): Promise<void>;
  /** Executes jobs in this process from now on. */
  start(executor: JobExecutor): void;
  /** Takes no more jobs. Resolves when those that run here are done, or are given up after `withinMs`. */
  stop(withinMs: number): Promise<void>;
}

/** Before the next attempt of a job that failed. */
export const FIRST_JOB_RETRY_MS = 5_000;
const LONGEST_JOB_RETRY_MS = 600_000;
/** Before the next attempt of a job whose texts are missing: the files are there. */
const FIRST_TEXT_RETRY_MS = 30_000;
const LONGEST_TEXT_RETRY_MS = 3_600_000;

/** The pause after an attempt, each twice as long as the one before. `attempts`: those that were made, from 1. `scale`: for tests. */
export function jobPauseMs(attempts: number, outcome: 'failed' | 'incomplete', scale = 1): number {
  const [firstMs, longestMs] =
    outcome === 'failed'
      ? [FIRST_JOB_RETRY_MS, LONGEST_JOB_RETRY_MS]
      : [FIRST_TEXT_RETRY_MS, LONGEST_TEXT_RETRY_MS];
  return Math.min(longestMs, firstMs * 2 ** Math.min(attempts - 1, 20)) * scale;
}
