import { availableParallelism } from 'node:os';
import type { Utterance } from '../call/ports.ts';
import type { Annotation, LockedDirectories } from '../records/annotations.ts';
import type { CatalogueEntry } from '../records/call-entry.ts';
import type { CallRecord } from '../records/call-record.ts';
import type { CallFiles, CallFileSettings } from '../records/write-call-files.ts';
import type { JournalWorker } from '../records/journal-jobs.ts';
import type { ReconstructedCall } from '../records/reconstructed-call.ts';
import type { ErasureRequest, TombstoneResult } from '../records/tombstone.ts';
import { LiveEncoder } from './live-encoder.ts';
import type { WorkerTask } from './worker-thread.ts';
import { WorkerThreads } from './worker-threads.ts';

/** Does the slow work on journals in worker threads, so that it does not delay live calls. */
export class WorkerPool implements JournalWorker {
  /** Encodes recordings while calls last. */
  readonly live: LiveEncoder;
  readonly #threads: WorkerThreads;

  /**
   * By default one processor is left to the live calls if there are several. `liveFailed`: a recording could not be
   * encoded during its call; it is encoded from the journal when the call has ended.
   */
  constructor(
    threads = Math.max(1, availableParallelism() - 1),
    liveFailed: (journal: string, error: unknown) => void = () => undefined,
  ) {
    this.#threads = new WorkerThreads(threads);
    this.live = new LiveEncoder(liveFailed);
  }

  async read(journal: string): Promise<ReconstructedCall | undefined> {
    const task: WorkerTask = { do: 'read', journal };
    const call = this.live.has(journal) ? this.live.run(task) : this.#run(task);
    return (await call) as ReconstructedCall | undefined;
  }

  utterance(journal: string, call: ReconstructedCall, turn: number): Promise<Utterance | undefined> {
    return this.#run({ do: 'utterance', journal, call, turn }) as Promise<Utterance | undefined>;
  }

  async write(journal: string, settings: CallFileSettings, call?: ReconstructedCall): Promise<CallFiles> {
    const recording = call && (await this.live.finish(journal, call));
    const task: WorkerTask = { do: 'write', journal, settings, call, recording };
    return (await (recording ? this.live.run(task) : this.#run(task))) as CallFiles;
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
    await Promise.all([this.#threads.end(), this.live.end()]);
  }

  #run(task: WorkerTask): Promise<unknown> {
    return this.#threads.run(task);
  }
}
