import { Piscina } from 'piscina';
import { threadScript } from '../storage/package-files.ts';
import { errorFrom, WorkerUnavailable } from './thread-error.ts';
import type { LiveTask, TaskOutcome, WorkerTask } from './worker-thread.ts';

/** Idle threads are ended after this time. */
const IDLE_MS = 30_000;
/** Live calls have precedence. */
const NICE = 10;

/** Threads of low priority that run tasks. */
export class WorkerThreads {
  readonly #pool: Piscina;

  constructor(threads: number, idleMs = IDLE_MS) {
    this.#pool = new Piscina({
      filename: threadScript('worker-thread').href,
      execArgv: [],
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: idleMs,
      niceIncrement: NICE,
    });
  }

  async end(): Promise<void> {
    await this.#pool.close({ force: true });
  }

  /** Rejects with the task's own error, or with `WorkerUnavailable` if no thread could run it. */
  async run(task: WorkerTask | LiveTask): Promise<unknown> {
    const outcome = await (this.#pool.run(task) as Promise<TaskOutcome>).catch((error: unknown) => {
      throw new WorkerUnavailable(`a worker thread failed at: ${task.do}`, { cause: error });
    });
    if ('failure' in outcome) throw errorFrom(outcome.failure);
    return outcome.value;
  }
}
