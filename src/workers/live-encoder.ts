import type { ReconstructedCall } from '../records/reconstructed-call.ts';
import type { LiveProgress, LiveRecordingSettings } from '../records/recording/live-recording.ts';
import type { RecordingFile } from '../records/recording/recording-writer.ts';
import type { WorkerTask } from './worker-thread.ts';
import { WorkerThreads } from './worker-threads.ts';

/** The thread keeps the encoders of live calls; without any work for this long it ends. */
const IDLE_MS = 120_000;

/** Encodes the recordings of live calls in a thread of its own, which keeps their encoders. */
export class LiveEncoder {
  readonly #thread = new WorkerThreads(1, IDLE_MS);
  readonly #journals = new Set<string>();
  readonly #failed: (journal: string, error: unknown) => void;

  /** `failed`: a recording will be encoded from the journal when its call has ended. */
  constructor(failed: (journal: string, error: unknown) => void) {
    this.#failed = failed;
  }

  /** Encodes what has been settled of the call, at most a minute of it. After a failure nothing remains of it. */
  async advance(journal: string, settings: LiveRecordingSettings): Promise<LiveProgress | 'failed'> {
    this.#journals.add(journal);
    try {
      return (await this.#thread.run({ do: 'advance', journal, settings })) as LiveProgress;
    } catch (error) {
      this.#journals.delete(journal);
      this.#failed(journal, error);
      return 'failed';
    }
  }

  /** The finished recording of an ended call; undefined: it must be encoded from the journal. */
  async finish(journal: string, call: ReconstructedCall): Promise<RecordingFile | undefined> {
    if (!this.#journals.delete(journal)) return undefined;
    try {
      return (await this.#thread.run({ do: 'finish', journal, call })) as RecordingFile | undefined;
    } catch (error) {
      this.#failed(journal, error);
      return undefined;
    }
  }

  /** Whether a recording of that journal is being encoded: the thread runs. */
  has(journal: string): boolean {
    return this.#journals.has(journal);
  }

  /** Runs a task in the thread, which need not be started for it. */
  run(task: WorkerTask): Promise<unknown> {
    return this.#thread.run(task);
  }

  /** Removes the unfinished file of a call. */
  async discard(journal: string): Promise<void> {
    if (this.#journals.delete(journal))
      await this.#thread.run({ do: 'discard', journal }).catch(() => undefined);
  }

  /** Removes all unfinished files, and ends the thread. */
  async end(): Promise<void> {
    await Promise.all([...this.#journals].map((journal) => this.discard(journal)));
    await this.#thread.end();
  }
}
