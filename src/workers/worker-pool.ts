import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { Utterance } from '../call/ports.ts';
import type { Annotation, LockedDirectories } from '../records/annotations.ts';
import type { CatalogueEntry } from '../records/call-entry.ts';
import type { CallRecord } from '../records/call-record.ts';
import type { CallFiles, CallFileSettings } from '../records/write-call-files.ts';
import type { JournalWorker } from '../records/journal-jobs.ts';
import type { ReconstructedCall } from '../records/reconstructed-call.ts';
import type { ErasureRequest, TombstoneResult } from '../records/tombstone.ts';
import { threadScript } from '../storage/package-files.ts';
import { errorFrom, WorkerUnavailable } from './thread-error.ts';
import type { TaskOutcome, WorkerTask } from './worker-thread.ts';

/** Idle threads are ended after this time. */
const IDLE_MS = 30_000;

/** Does the slow work on journals in worker threads, so that it does not delay live calls. */
export class WorkerPool implements JournalWorker {
  readonly #pool: Piscina;

  /** By default one processor is left to the live calls if there are several. */
  constructor(threads = Math.max(1, availableParallelism() - 1)) {
    this.#pool = new Piscina({
      filename: threadScript('worker-thread').href,
      execArgv: [],
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: IDLE_MS,
      niceIncrement: 10,
    });
  }

  read(journal: string): Promise<ReconstructedCall | undefined> {
    return this.#run({ do: 'read', journal }) as Promise<ReconstructedCall | undefined>;
  }

  utterance(journal: string, call: ReconstructedCall, turn: number): Promise<Utterance | undefined> {
    return this.#run({ do: 'utterance', journal, call, turn }) as Promise<Utterance | undefined>;
  }

  write(journal: string, settings: CallFileSettings, call?: ReconstructedCall): Promise<CallFiles> {
    return this.#run({ do: 'write', journal, settings, call }) as Promise<CallFiles>;
  }

  /** The catalogue entry of a finished call. */
  entry(directory: string, callSid: string): Promise<CatalogueEntry | undefined> {
    return this.#run({ do: 'entry', directory, callSid }) as Promise<CatalogueEntry | undefined>;
  }

  /** `annotateCall` under the lock of the directory. */
  change(folder: LockedDirectories, callSid: string, change: Annotation): Promise<CallRecord | undefined> {
    return this.#run({ do: 'change', folder, callSid, change }) as Promise<CallRecord | undefined>;
  }

  /** `createTombstone` under the lock of the directory. */
  createTombstone(folder: LockedDirectories, what: ErasureRequest): Promise<TombstoneResult> {
    return this.#run({ do: 'create-tombstone', folder, what }) as Promise<TombstoneResult>;
  }

  async end(): Promise<void> {
    await this.#pool.close({ force: true });
  }

  /** Rejects with the task's own error, or with `WorkerUnavailable` if no thread could run it. */
  async #run(task: WorkerTask): Promise<unknown> {
    const outcome = await (this.#pool.run(task) as Promise<TaskOutcome>).catch((error: unknown) => {
      throw new WorkerUnavailable(`a worker thread failed at: ${task.do}`, { cause: error });
    });
    if ('failure' in outcome) throw errorFrom(outcome.failure);
    return outcome.value;
  }
}
