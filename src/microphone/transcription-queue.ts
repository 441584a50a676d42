import { RECOGNISER_HZ } from '../audio/speech/utterance-segmenter.ts';

/** Parallel requests of one connection. */
const MAX_PARALLEL = 4;
/** Audio whose text is pending; `add` waits when there is more. */
const MAX_PENDING_MS = 120_000;
const BYTES_PER_MS = (2 * RECOGNISER_HZ) / 1_000;
/** Minimum duration that a sound counts as, since each needs a request. */
const MIN_COUNTED_MS = 1_000;

/** Audio to transcribe. */
interface Untold {
  readonly sizeBytes: number;
  /** Its start in the stream. */
  readonly startMs?: number;
  ask(): Promise<string>;
  told(text: string): void;
  failed(error: unknown): void;
}

interface Entry {
  readonly untold: Untold;
  asked: boolean;
  tell?: () => void;
}

/** Pending transcriptions of one connection: a few run in parallel, and results are delivered in the order of the audio. */
export class TranscriptionQueue {
  #entries: Entry[] = [];
  #asking = 0;
  #changed: (() => void)[] = [];

  /** The first whose text has not been delivered. */
  get first(): Untold | undefined {
    return this.#entries[0]?.untold;
  }

  /** Resolves when there is room for it in the queue. */
  async add(untold: Untold): Promise<void> {
    const mostMs = MAX_PENDING_MS - lengthMs(untold);
    while (this.#entries.length > 0 && this.#awaitedMs() > mostMs) await this.#change();
    this.#entries.push({ untold, asked: false });
    this.#ask();
  }

  /** Resolves when every text is told. */
  async empty(): Promise<void> {
    while (this.#entries.length > 0) await this.#change();
  }

  /** The client has disconnected. */
  clear(): void {
    this.#entries = [];
    this.#tellOn();
  }

  #ask(): void {
    for (const entry of this.#entries) {
      if (this.#asking >= MAX_PARALLEL) return;
      if (!entry.asked) void this.#askFor(entry);
    }
  }

  async #askFor(entry: Entry): Promise<void> {
    const { untold } = entry;
    entry.asked = true;
    this.#asking += 1;
    try {
      const text = await untold.ask();
      entry.tell = () => untold.told(text);
    } catch (error) {
      entry.tell = () => untold.failed(error);
    }
    this.#asking -= 1;
    this.#tellOn();
    this.#ask();
  }

  #tellOn(): void {
    while (this.#entries[0]?.tell) {
      const { tell } = this.#entries.shift()!;
      tell!();
    }
    const changed = this.#changed;
    this.#changed = [];
    for (const each of changed) each();
  }

  #awaitedMs(): number {
    return this.#entries.reduce((sum, entry) => sum + lengthMs(entry.untold), 0);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }
}

/** A clip's length is not known here: it counts by its size, as if it were samples. */
function lengthMs({ sizeBytes }: Untold): number {
  return Math.max(MIN_COUNTED_MS, sizeBytes / BYTES_PER_MS);
}
