import { RECOGNISER_HZ } from '../../audio/speech/utterance-segmenter.ts';

/** Parallel requests of one connection. */
const MAX_PARALLEL = 4;
/** Audio whose text is pending; `add` waits when there is more. */
const MAX_PENDING_MS = 120_000;
const BYTES_PER_MS = (2 * RECOGNISER_HZ) / 1_000;
/** Minimum duration that a sound counts as, since each needs a request. */
const MIN_COUNTED_MS = 1_000;

/** Audio to transcribe, and the callbacks for its result. */
interface TranscriptionJob {
  readonly sizeBytes: number;
  /** Its start in the stream. */
  readonly startMs?: number;
  request(): Promise<string>;
  succeeded(text: string): void;
  failed(error: unknown): void;
}

interface Entry {
  readonly job: TranscriptionJob;
  requested: boolean;
  deliver?: () => void;
}

/** Pending transcriptions of one connection: a few run in parallel, and results are delivered in the order of the audio. */
export class TranscriptionQueue {
  #entries: Entry[] = [];
  #running = 0;
  #changed: (() => void)[] = [];

  /** The first whose text has not been delivered. */
  get first(): TranscriptionJob | undefined {
    return this.#entries[0]?.job;
  }

  /** Resolves when there is room for it in the queue. */
  async add(job: TranscriptionJob): Promise<void> {
    const mostMs = MAX_PENDING_MS - lengthMs(job);
    while (this.#entries.length > 0 && this.#pendingMs() > mostMs) await this.#change();
    this.#entries.push({ job, requested: false });
    this.#runNext();
  }

  /** Resolves when every result has been delivered. */
  async empty(): Promise<void> {
    while (this.#entries.length > 0) await this.#change();
  }

  /** The client has disconnected. */
  clear(): void {
    this.#entries = [];
    this.#deliverInOrder();
  }

  #runNext(): void {
    for (const entry of this.#entries) {
      if (this.#running >= MAX_PARALLEL) return;
      if (!entry.requested) void this.#run(entry);
    }
  }

  async #run(entry: Entry): Promise<void> {
    const { job } = entry;
    entry.requested = true;
    this.#running += 1;
    try {
      const text = await job.request();
      entry.deliver = () => job.succeeded(text);
    } catch (error) {
      entry.deliver = () => job.failed(error);
    }
    this.#running -= 1;
    this.#deliverInOrder();
    this.#runNext();
  }

  #deliverInOrder(): void {
    while (this.#entries[0]?.deliver) {
      const { deliver } = this.#entries.shift()!;
      deliver!();
    }
    const changed = this.#changed;
    this.#changed = [];
    for (const each of changed) each();
  }

  #pendingMs(): number {
    return this.#entries.reduce((sum, entry) => sum + lengthMs(entry.job), 0);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }
}

/** A clip's length is not known here: it counts by its size, as if it were samples. */
function lengthMs({ sizeBytes }: TranscriptionJob): number {
  return Math.max(MIN_COUNTED_MS, sizeBytes / BYTES_PER_MS);
}
