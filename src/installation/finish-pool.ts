import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { History } from '../call/call-parts.ts';
import type { Utterance } from '../call/ports.ts';
import type { CaseFiles, CaseJson, CaseSettings } from '../recording/case-file.ts';
import type { CaseChange } from '../recording/case-notes.ts';
import type { CatalogueEntry } from '../recording/catalogue.ts';
import type { CaseState, CaseWorker } from '../recording/case-worker.ts';
import type { CondemnedOrNot, ToCondemn } from '../recording/condemned.ts';
import type { FinishTask, LockedFolder, TaskOutcome } from './finish-thread.ts';
import { errorFrom, WorkerUnavailable } from './thread-error.ts';

/** Threads rest this long before they are ended. */
const IDLE_MS = 30_000;

/** Does the slow work on journals in threads, beside the live calls. */
export class FinishPool implements CaseWorker {
  readonly #pool: Piscina;

  /** One processor is left to the live calls, where there is more than one. */
  constructor(threads = Math.max(1, availableParallelism() - 1)) {
    this.#pool = new Piscina({
      filename: new URL('./finish-thread-entry.mjs', import.meta.url).href,
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

  state(journal: string): Promise<CaseState | undefined> {
    return this.#run({ do: 'state', journal }) as Promise<CaseState | undefined>;
  }

  history(journal: string): Promise<History | undefined> {
    return this.#run({ do: 'history', journal }) as Promise<History | undefined>;
  }

  utterance(journal: string, turn: number): Promise<Utterance | undefined> {
    return this.#run({ do: 'utterance', journal, turn }) as Promise<Utterance | undefined>;
  }

  write(journal: string, settings: CaseSettings): Promise<CaseFiles> {
    return this.#run({ do: 'write', journal, settings }) as Promise<CaseFiles>;
  }

  /** What the catalogue is to hold of a finished call. */
  entry(directory: string, callSid: string): Promise<CatalogueEntry | undefined> {
    return this.#run({ do: 'entry', directory, callSid }) as Promise<CatalogueEntry | undefined>;
  }

  /** As `changeCase`, while nobody else writes a `.json` in that folder. */
  change(folder: LockedFolder, callSid: string, change: CaseChange): Promise<CaseJson | undefined> {
    return this.#run({ do: 'change', folder, callSid, change }) as Promise<CaseJson | undefined>;
  }

  /** As `condemnCase`, while nobody else writes a `.json` in that folder. */
  condemn(folder: LockedFolder, what: ToCondemn): Promise<CondemnedOrNot> {
    return this.#run({ do: 'condemn', folder, what }) as Promise<CondemnedOrNot>;
  }

  async end(): Promise<void> {
    await this.#pool.close({ force: true });
  }

  /** Rejects with the task's own error, or with `WorkerUnavailable` where no thread could do it. */
  async #run(task: FinishTask): Promise<unknown> {
    const outcome = await (this.#pool.run(task) as Promise<TaskOutcome>).catch((error: unknown) => {
      throw new WorkerUnavailable(`a worker thread failed at: ${task.do}`, { cause: error });
    });
    if ('failure' in outcome) throw errorFrom(outcome.failure);
    return outcome.value;
  }
}
