import { SAMPLES_PER_MS } from '../../audio/telephone.ts';
import type { RealtimeError } from './event-fields.ts';
import type { ConnectionTiming } from './realtime-connection.ts';
import type { RealtimeFailures } from './realtime-failure.ts';
import { HeldSilence } from './held-silence.ts';
import { PartQueue } from './part-queue.ts';
import { SpokenParts } from './spoken-parts.ts';

/** The longest audio of one response. A model that talks on is stopped there. */
const MAX_RESPONSE_MS = 120_000;
/** More words than are spoken in that time. */
const MAX_WORDS_LENGTH = 20_000;
/** A voice that is silent for longer, at the start or after a pause, has failed; callers wait 4 s at most. */
const MAX_SILENCE_MS = 2_000;

/** More words of a response, between its audio. */
export interface MoreWords {
  readonly words: string;
}

export interface ResponseListener {
  /** Nothing more is read of the response. `late`: because the server did not answer in time. Called once. */
  ended(late: boolean): void;
}

/**
 * A response that a Realtime session speaks: takes its events, and yields its audio, and its words where they are added with
 * `addMoreWords`. It fails if the caller would hear nothing for `dueMs`: at its start, between two events, or because its audio arrives slower than it is played.
 */
export class ResponseStream<Words extends MoreWords = never> {
  readonly #failures: RealtimeFailures;
  readonly #timing: ConnectionTiming;
  readonly #listener: ResponseListener;
  readonly #queue = new PartQueue<Uint8Array | Words>();
  readonly #silence = new HeldSilence();
  readonly #parts = new SpokenParts();
  #bytes = 0;
  #wordsLength = 0;
  /** When the first sound arrived. */
  #soundAtMs = 0;
  #ended = false;
  #cancelTimer: () => void;

  constructor(failures: RealtimeFailures, timing: ConnectionTiming, listener: ResponseListener) {
    this.#failures = failures;
    this.#timing = timing;
    this.#listener = listener;
    this.#cancelTimer = this.#watch(timing.dueMs);
  }

  /** True if sound has arrived. */
  get begun(): boolean {
    return this.#silence.hasSound;
  }

  /** The words that the server says it spoke; undefined if it does not say. */
  get words(): string | undefined {
    return this.#parts.words;
  }

  /** `mulaw`: undefined if the audio cannot be read. */
  addAudio(mulaw: Uint8Array | undefined): void {
    if (this.#ended) return;
    if (mulaw === undefined) return this.#failAs('audio that is not base64', 'unreadable_audio');
    this.#bytes += mulaw.length;
    if (this.#bytes > MAX_RESPONSE_MS * SAMPLES_PER_MS)
      return this.#failAs('the response does not end', 'endless_audio');
    const isFirst = !this.begun;
    for (const chunk of this.#silence.add(mulaw)) if (chunk.length > 0) this.#queue.push(chunk);
    if (this.#silence.heldMs > MAX_SILENCE_MS)
      return this.#failAs(
        this.begun ? 'the voice fell silent' : 'the response begins with silence',
        'no_audio',
      );
    if (isFirst && this.begun) this.#soundAtMs = this.#timing.now();
    return this.progress();
  }

  /** To be read between the audio. */
  addMoreWords(words: Words): void {
    this.#wordsLength += words.words.length;
    if (this.#wordsLength <= MAX_WORDS_LENGTH) this.#queue.push(words);
    this.progress();
  }

  addWords(part: string, words: string): void {
    this.#parts.add(part, words);
    this.progress();
  }

  /** The server is at work: it has until `dueMs` after the end of the audio that arrived, or after now, whichever is earlier. */
  progress(): void {
    // Until a sound arrives, the caller waits: events alone change nothing.
    if (this.#ended || !this.begun) return;
    const { dueMs } = this.#timing;
    const aheadMs = this.#soundAtMs + this.#bytes / SAMPLES_PER_MS - this.#timing.now();
    this.#cancelTimer();
    this.#cancelTimer = this.#watch(Math.max(0, dueMs + Math.min(0, aheadMs)));
  }

  /** The response ended. `words`: of all of its parts. */
  done(status: string | undefined, words: string | undefined, error: RealtimeError): void {
    this.#parts.end(words);
    if (status !== 'completed') {
      const message = error.message ?? `the response is ${status ?? 'without a status'}`;
      this.fail(this.#failures.said({ ...error, message }));
    } else if (!this.begun)
      this.#failAs(this.#bytes > 0 ? 'the response is silence' : 'the response has no audio', 'no_audio');
    else this.#end();
  }

  fail(error: Error): void {
    this.#end(error);
  }

  /** Nothing more is read. May be called at any time. */
  cancel(): void {
    this.#end();
    this.#queue.drop();
  }

  /** Yields μ-law at 8,000 Hz as it arrives. Throws the response's error; ends without one when it is cancelled. */
  read(): AsyncGenerator<Uint8Array | Words, void, undefined> {
    return this.#queue.read();
  }

  #failAs(said: string, code: string): void {
    this.fail(this.#failures.of(said, { code }));
  }

  #watch(afterMs: number): () => void {
    return this.#timing.timer(afterMs, () => {
      this.#end(this.#failures.late(this.begun ? 'the response stopped' : 'no audio in time'), true);
    });
  }

  #end(error?: Error, late = false): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTimer();
    this.#queue.end(error);
    this.#listener.ended(late);
  }
}
