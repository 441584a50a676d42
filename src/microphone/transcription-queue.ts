import { RECOGNISER_HZ } from '../audio/speech/utterance-segmenter.ts';

/** Requests to the service at a time, of one connection. */
const MOST_AT_ONCE = 4;
/** Sound whose text is awaited; whoever has more waits until there is room. */
const MOST_AWAITED_MS = 120_000;
const BYTES_PER_MS = (2 * RECOGNISER_HZ) / 1_000;
/** However short a sound is, it counts as this much: it takes a request, too. */
const LEAST_MS = 1_000;

/** A sound that wants a text. */
interface Untold {
  readonly sizeBytes: number;
  /** Where it begins in its stream. */
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

/** Texts that one connection awaits: a few are asked for at once, and all are told in the order of their sounds. */
export class TranscriptionQueue {
  #entries: Entry[] = [];
  #asking = 0;
  #changed: (() => void)[] = [];

  /** The first whose text has not been told. */
  get first(): Untold | undefined {
    return this.#entries[0]?.untold;
  }

  /** Resolves as soon as there is room for it. */
  async add(untold: Untold): Promise<void> {
    const mostMs = MOST_AWAITED_MS - lengthMs(untold);
    while (this.#entries.length > 0 && this.#awaitedMs() > mostMs) await this.#change();
    this.#entries.push({ untold, asked: false });
    this.#ask();
  }

  /** Resolves when every text is told. */
  async empty(): Promise<void> {
    while (this.#entries.length > 0) await this.#change();
  }

  /** Nobody is there any more who could be told. */
  clear(): void {
    this.#entries = [];
    this.#tellOn();
  }

  #ask(): void {
    for (const entry of this.#entries) {
      if (this.#asking >= MOST_AT_ONCE) return;
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
  return Math.max(LEAST_MS, sizeBytes / BYTES_PER_MS);
}
