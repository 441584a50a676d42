import type { Clock } from '../../events/clock.ts';
import type { LiveProgress, LiveRecordingSettings } from '../../records/recording/live-recording.ts';

/** The recordings of shorter calls are encoded at their end, which takes half a second. */
export const LONG_CALL_MS = 180_000;
/** The pace: when a call ends, this much of it and the half minute that waits for late frames remain to be encoded. */
export const ADVANCE_EVERY_MS = 20_000;
/** Calls that are encoded at the same time, each with an encoder in memory. Others are encoded when they have ended. */
export const ENCODING_SLOTS = 16;

/** Encodes what has been settled of live calls. Never rejects. */
export interface RecordingEncoder {
  advance(journal: string, settings: LiveRecordingSettings): Promise<LiveProgress | 'failed'>;
  discard(journal: string): Promise<void>;
}

export interface LiveEncodingOptions {
  readonly encoder: RecordingEncoder;
  readonly settings: LiveRecordingSettings;
  readonly clock: Pick<Clock, 'now'>;
}

interface LongCall {
  dueAtMs: number;
  /** `live`: advances. `ended`: its encoder is kept until its files are written. */
  state: 'waiting' | 'live' | 'ended';
}

/** Has the recordings of long calls encoded while the calls last, one step at a time, so that little is left to do when they end. */
export class LiveEncoding {
  readonly #options: LiveEncodingOptions;
  /** By the paths of their journals, oldest first. */
  readonly #calls = new Map<string, LongCall>();
  #step: Promise<void> | undefined;

  constructor(options: LiveEncodingOptions) {
    this.#options = options;
  }

  begins(journal: string): void {
    this.#calls.set(journal, { dueAtMs: this.#options.clock.now() + LONG_CALL_MS, state: 'waiting' });
  }

  /** The call has ended: the rest of it is encoded with its files. */
  ends(journal: string): void {
    const call = this.#calls.get(journal);
    if (call?.state === 'live') call.state = 'ended';
    else this.#calls.delete(journal);
  }

  /** Whether the recording of a call that has ended was encoded while the call lasted. */
  isEncoded(journal: string): boolean {
    return this.#calls.has(journal);
  }

  /** The call's files are written, or will not be. */
  async forget(journal: string): Promise<void> {
    this.#calls.delete(journal);
    await this.#options.encoder.discard(journal);
  }

  /** Begins the next step, if one is due and none is running; to be called twice a second. Resolves when it is done. */
  tick(): Promise<void> {
    const journal = this.#step ? undefined : this.#next();
    if (journal === undefined) return this.#step ?? Promise.resolve();
    this.#step = this.#advance(journal).finally(() => (this.#step = undefined));
    return this.#step;
  }

  #next(): string | undefined {
    const all = [...this.#calls];
    const isFull = all.filter(([, { state }]) => state !== 'waiting').length >= ENCODING_SLOTS;
    const atMs = this.#options.clock.now();
    const due = all
      .filter(
        ([, call]) =>
          call.dueAtMs <= atMs && (call.state === 'live' || (call.state === 'waiting' && !isFull)),
      )
      .sort(([, a], [, b]) => a.dueAtMs - b.dueAtMs);
    return due[0]?.[0];
  }

  async #advance(journal: string): Promise<void> {
    const { encoder, settings, clock } = this.#options;
    const call = this.#calls.get(journal)!;
    call.state = 'live';
    const progress = await encoder.advance(journal, settings);
    if (progress === 'unrecorded' || progress === 'failed') this.#calls.delete(journal);
    call.dueAtMs = clock.now() + (progress === 'behind' ? 0 : ADVANCE_EVERY_MS);
  }
}
