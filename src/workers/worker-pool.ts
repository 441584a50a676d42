import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { CallHistory } from '../call/call-options.ts';
import type { Utterance } from '../call/ports.ts';
import type { Annotation, LockedDirectories } from '../records/annotations.ts';
import type { CatalogueEntry } from '../records/call-entry.ts';
import type { CallFiles, CallFileSettings, CallRecord } from '../records/call-record.ts';
import type { JournalState, JournalWorker } from '../records/journal-jobs.ts';
import type { ErasureRequest, TombstoneResult } from '../records/tombstone.ts';
import { errorFrom, WorkerUnavailable } from './thread-error.ts';
import type { TaskOutcome, WorkerTask } from './worker-thread.ts';

/** Threads rest this long before they are ended. */
const IDLE_MS = 30_000;

/** Does the slow work on journals in threads, beside the live calls. */
export class WorkerPool implements JournalWorker {
  readonly #pool: Piscina;

  /** One processor is left to the live calls, where there is more than one. */
  constructor(threads = Math.max(1, availableParallelism() - 1)) {
    this.#pool = new Piscina({
      filename: new URL('./worker-thread-entry.mjs', import.meta.url).href,
      execArgv: [],
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: IDLE_MS,
      niceIncrement: 10,
    });
  }

  /** Tasks that wait for a thread. */
  get waiting(): number {
    return this.#pool.queueSize;
  }

  state(journal: string): Promise<JournalState | undefined> {
    return this.#run({ do: 'state', journal }) as Promise<JournalState | undefined>;
  }

  history(journal: string): Promise<CallHistory | undefined> {
    return this.#run({ do: 'history', journal }) as Promise<CallHistory | undefined>;
  }

  utterance(journal: string, turn: number): Promise<Utterance | undefined> {
    return this.#run({ do: 'utterance', journal, turn }) as Promise<Utterance | undefined>;
  }

  write(journal: string, settings: CallFileSettings): Promise<CallFiles> {
    return this.#run({ do: 'write', journal, settings }) as Promise<CallFiles>;
  }

  /** What the catalogue is to hold of a finished call. */
  entry(directory: string, callSid: string): Promise<CatalogueEntry | undefined> {
    return this.#run({ do: 'entry', directory, callSid }) as Promise<CatalogueEntry | undefined>;
  }

  /** As `changeCase`, while nobody else writes a `.json` in that folder. */
  change(folder: LockedDirectories, callSid: string, change: Annotation): Promise<CallRecord | undefined> {
    return this.#run({ do: 'change', folder, callSid, change }) as Promise<CallRecord | undefined>;
  }

  /** As `condemnCase`, while nobody else writes a `.json` in that folder. */
  createTombstone(folder: LockedDirectories, what: ErasureRequest): Promise<TombstoneResult> {
    return this.#run({ do: 'create-tombstone', folder, what }) as Promise<TombstoneResult>;
  }

  async end(): Promise<void> {
    await this.#pool.close({ force: true });
  }

  /** Rejects with the task's own error, or with `WorkerUnavailable` where no thread could do it. */
  async #run(task: WorkerTask): Promise<unknown> {
    const outcome = await (this.#pool.run(task) as Promise<TaskOutcome>).catch((error: unknown) => {
      throw new WorkerUnavailable(`a worker thread failed at: ${task.do}`, { cause: error });
    });
    if ('failure' in outcome) throw errorFrom(outcome.failure);
    return outcome.value;
  }
}
