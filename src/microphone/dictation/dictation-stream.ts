import {
  RECOGNISER_HZ,
  type SegmentedUtterance,
  type Segmenter,
} from '../../audio/speech/utterance-segmenter.ts';
import { writeWav } from '../../audio/wav/wav.ts';
import type { Utterance } from '../../call/ports.ts';

/** Audio that is processed in one turn of the event loop. */
const SLICE_MS = 50;
/** Interval of partial texts of an unfinished utterance; one request at a time. */
const PARTIAL_EVERY_MS = 1_500;

/** A complete utterance to transcribe. */
export interface Finished {
  readonly startMs: number;
  readonly endMs: number;
  readonly sizeBytes: number;
  readonly request: () => Promise<string>;
}

/** Transcribes the utterances of a stream and receives their partial texts. */
export interface StreamRecognizer {
  /** `signal` aborts the request before the connection ends. */
  transcribe(utterance: Utterance, signal?: AbortSignal): Promise<string>;
  /** The text so far of an utterance that is unfinished, or may have ended. */
  partial(text: string, startMs: number, endMs: number): void;
}

export interface DictationStreamOptions {
  readonly sampleRateHz: number;
  readonly segmenter: Segmenter;
  readonly recognizer: StreamRecognizer;
}

/** A text requested at a pause, before it is known whether the utterance ends there. */
interface Guess {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: Promise<string>;
  readonly abort: AbortController;
}

/** Audio from `start` to `stop`, split into utterances, with partial texts. */
export class DictationStream {
  readonly #options: DictationStreamOptions;
  readonly #ended = new AbortController();
  #carry: Uint8Array = new Uint8Array(0);
  #partialAtMs = 0;
  #partialAsked = false;
  #guess: Guess | undefined;

  constructor(options: DictationStreamOptions) {
    this.#options = options;
  }

  get heardMs(): number {
    return this.#options.segmenter.heardMs;
  }

  /** No future utterance begins before this time. */
  get earliestNextStartMs(): number {
    return this.#options.segmenter.earliestNextStartMs;
  }

  /** The audio of a message in pieces for `hear`. */
  *slices(bytes: Uint8Array): Generator<{ readonly piece: Uint8Array; readonly last: boolean }> {
    const step = 2 * Math.round((this.#options.sampleRateHz * SLICE_MS) / 1_000);
    for (let at = 0; at < bytes.length; at += step)
      yield { piece: bytes.subarray(at, at + step), last: at + step >= bytes.length };
  }

  /** `live`: no more audio is queued, so partial texts are useful. */
  hear(piece: Uint8Array, live: boolean): Finished[] {
    const { segmenter } = this.#options;
    const finished: Finished[] = [];
    for (const cut of segmenter.hear(this.#samplesOf(piece))) {
      if (cut.kind === 'started') this.#partialAtMs = cut.startMs + PARTIAL_EVERY_MS;
      if (cut.kind === 'paused' && live) this.#guessAt(cut.utterance);
      if (cut.kind === 'finished') finished.push(this.#finish(cut.utterance));
    }
    if (live) this.#partial();
    return finished;
  }

  /** The stream ends, and with it the current utterance. */
  end(): Finished[] {
    const cuts = this.#options.segmenter.end();
    return cuts.flatMap((cut) => (cut.kind === 'finished' ? [this.#finish(cut.utterance)] : []));
  }

  /** Frees the memory. Call it once. The last early request may still be pending. */
  close(): void {
    this.#ended.abort();
    this.#options.segmenter.close();
  }

  #guessAt(utterance: SegmentedUtterance): void {
    this.#guess?.abort.abort();
    const abort = new AbortController();
    const { startMs, endMs } = utterance;
    const text = this.#options.recognizer.transcribe(recognisable(utterance), abort.signal);
    const guess = { startMs, endMs, text, abort };
    this.#guess = guess;
    text.then(
      (words) => {
        // A finished utterance has its own text.
        if (words !== '' && this.#guess === guess) this.#tellPartial(words, utterance);
      },
      () => undefined,
    );
  }

  #finish(utterance: SegmentedUtterance): Finished {
    const { startMs, endMs } = rounded(utterance);
    const whole = recognisable(utterance);
    const guess = this.#guess;
    this.#guess = undefined;
    const right = guess?.startMs === utterance.startMs && guess.endMs === utterance.endMs;
    if (!right) guess?.abort.abort();
    const request = () => this.#options.recognizer.transcribe(whole);
    return {
      startMs,
      endMs,
      sizeBytes: whole.wav.length,
      request: right ? () => guess.text.catch(request) : request,
    };
  }

  #partial(): void {
    const { segmenter } = this.#options;
    const dueMs = this.#partialAtMs;
    if (this.#partialAsked || segmenter.speakingSinceMs === undefined || segmenter.heardMs < dueMs) return;
    const utterance = segmenter.soFar()!;
    this.#partialAsked = true;
    this.#partialAtMs = utterance.endMs + PARTIAL_EVERY_MS;
    void this.#options.recognizer
      .transcribe(recognisable(utterance), this.#ended.signal)
      .then(
        (text) => {
          if (text !== '' && this.#isNewsOf(utterance)) this.#tellPartial(text, utterance);
        },
        () => undefined,
      )
      .finally(() => (this.#partialAsked = false));
  }

  /** False if the utterance is finished, or a pause has led to a longer text. */
  #isNewsOf({ startMs, endMs }: SegmentedUtterance): boolean {
    if (this.#ended.signal.aborted || this.#options.segmenter.speakingSinceMs !== startMs) return false;
    return this.#guess === undefined || this.#guess.endMs < endMs;
  }

  #tellPartial(text: string, utterance: SegmentedUtterance): void {
    const { startMs, endMs } = rounded(utterance);
    this.#options.recognizer.partial(text, startMs, endMs);
  }

  /** A sample may be split between messages. */
  #samplesOf(bytes: Uint8Array): Int16Array {
    const all = Buffer.concat([this.#carry, bytes]);
    const count = all.length >> 1;
    this.#carry = Uint8Array.from(all.subarray(2 * count));
    const samples = new Int16Array(count);
    for (let i = 0; i < count; i += 1) samples[i] = all.readInt16LE(2 * i);
    return samples;
  }
}

function recognisable({ pcm }: SegmentedUtterance): Utterance {
  return { wav: writeWav(pcm, RECOGNISER_HZ, 1), durationMs: (pcm.length * 1_000) / RECOGNISER_HZ };
}

function rounded({ startMs, endMs }: SegmentedUtterance): { startMs: number; endMs: number } {
  return { startMs: Math.round(startMs), endMs: Math.round(endMs) };
}
