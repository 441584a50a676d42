import {
  RECOGNISER_HZ,
  type SegmentedUtterance,
  type UtteranceSegmenter,
} from '../audio/speech/utterance-segmenter.ts';
import { writeWav } from '../audio/wav/wav.ts';

/** Sound that is listened to at one go. */
const SLICE_MS = 50;
/** Of an utterance that goes on, what has been said so far is asked for this often, one text at a time. */
const PARTIAL_EVERY_MS = 1_500;

/** A complete utterance whose text is wanted. */
export interface Finished {
  readonly startMs: number;
  readonly endMs: number;
  readonly sizeBytes: number;
  readonly ask: () => Promise<string>;
}

export interface DictationStreamOptions {
  readonly sampleRateHz: number;
  readonly cutter: UtteranceSegmenter;
  /** `signal`: ends it sooner than the connection does. */
  ask(wav: Uint8Array, signal?: AbortSignal): Promise<string>;
  /** What has been understood so far of an utterance that goes on, or may have ended. */
  partial(text: string, startMs: number, endMs: number): void;
}

/** A text that was asked for at a pause, before it is known whether the utterance ends there. */
interface Guess {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: Promise<string>;
  readonly abort: AbortController;
}

/** Sound from `start` to `stop`: cut into utterances, with texts on the way. */
export class DictationStream {
  readonly #parts: DictationStreamOptions;
  readonly #ended = new AbortController();
  #carry: Uint8Array = new Uint8Array(0);
  #partialAtMs = 0;
  #partialAsked = false;
  #guess: Guess | undefined;

  constructor(parts: DictationStreamOptions) {
    this.#parts = parts;
  }

  get heardMs(): number {
    return this.#parts.cutter.heardMs;
  }

  /** Whatever comes, no utterance will begin before this. */
  get settledMs(): number {
    return this.#parts.cutter.settledMs;
  }

  /** A message's sound in pieces for `hear`. */
  *slices(bytes: Uint8Array): Generator<{ readonly piece: Uint8Array; readonly last: boolean }> {
    const step = 2 * Math.round((this.#parts.sampleRateHz * SLICE_MS) / 1_000);
    for (let at = 0; at < bytes.length; at += step)
      yield { piece: bytes.subarray(at, at + step), last: at + step >= bytes.length };
  }

  /** `live`: nothing more is there yet, so that it is worth while to guess. */
  hear(piece: Uint8Array, live: boolean): Finished[] {
    const { cutter } = this.#parts;
    const finished: Finished[] = [];
    for (const cut of cutter.hear(this.#samplesOf(piece))) {
      if (cut.kind === 'started') this.#partialAtMs = cut.startMs + PARTIAL_EVERY_MS;
      if (cut.kind === 'paused' && live) this.#guessAt(cut.utterance);
      if (cut.kind === 'finished') finished.push(this.#finish(cut.utterance));
    }
    if (live) this.#partial();
    return finished;
  }

  /** Nothing more comes: what was being said ends here. */
  end(): Finished[] {
    const cuts = this.#parts.cutter.end();
    return cuts.flatMap((cut) => (cut.kind === 'finished' ? [this.#finish(cut.utterance)] : []));
  }

  /** Gives the memory back; to be called once. What was guessed at last may still be waited for. */
  close(): void {
    this.#ended.abort();
    this.#parts.cutter.close();
  }

  #guessAt(utterance: SegmentedUtterance): void {
    this.#guess?.abort.abort();
    const abort = new AbortController();
    const { startMs, endMs } = utterance;
    const text = this.#parts.ask(wavOf(utterance), abort.signal);
    const guess = { startMs, endMs, text, abort };
    this.#guess = guess;
    text.then(
      (words) => {
        // What is finished by now has its own text.
        if (words !== '' && this.#guess === guess) this.#tellPartial(words, utterance);
      },
      () => undefined,
    );
  }

  #finish(utterance: SegmentedUtterance): Finished {
    const { startMs, endMs } = rounded(utterance);
    const wav = wavOf(utterance);
    const guess = this.#guess;
    this.#guess = undefined;
    const right = guess?.startMs === utterance.startMs && guess.endMs === utterance.endMs;
    if (!right) guess?.abort.abort();
    const ask = () => this.#parts.ask(wav);
    return {
      ...{ startMs, endMs, sizeBytes: wav.length },
      ask: right ? () => guess.text.catch(ask) : ask,
    };
  }

  #partial(): void {
    const { cutter } = this.#parts;
    const dueMs = this.#partialAtMs;
    if (this.#partialAsked || cutter.speakingSinceMs === undefined || cutter.heardMs < dueMs) return;
    const utterance = cutter.soFar()!;
    this.#partialAsked = true;
    this.#partialAtMs = utterance.endMs + PARTIAL_EVERY_MS;
    void this.#parts
      .ask(wavOf(utterance), this.#ended.signal)
      .then(
        (text) => {
          if (text !== '' && this.#isNewsOf(utterance)) this.#tellPartial(text, utterance);
        },
        () => undefined,
      )
      .finally(() => (this.#partialAsked = false));
  }

  /** What is finished by now has its own text, and a pause may have brought a longer one. */
  #isNewsOf({ startMs, endMs }: SegmentedUtterance): boolean {
    if (this.#ended.signal.aborted || this.#parts.cutter.speakingSinceMs !== startMs) return false;
    return this.#guess === undefined || this.#guess.endMs < endMs;
  }

  #tellPartial(text: string, utterance: SegmentedUtterance): void {
    const { startMs, endMs } = rounded(utterance);
    this.#parts.partial(text, startMs, endMs);
  }

  /** Samples may be split between messages. */
  #samplesOf(bytes: Uint8Array): Int16Array {
    const all = Buffer.concat([this.#carry, bytes]);
    const count = all.length >> 1;
    this.#carry = Uint8Array.from(all.subarray(2 * count));
    const samples = new Int16Array(count);
    for (let i = 0; i < count; i += 1) samples[i] = all.readInt16LE(2 * i);
    return samples;
  }
}

function wavOf({ pcm }: SegmentedUtterance): Uint8Array {
  return writeWav(pcm, RECOGNISER_HZ, 1);
}

function rounded({ startMs, endMs }: SegmentedUtterance): { startMs: number; endMs: number } {
  return { startMs: Math.round(startMs), endMs: Math.round(endMs) };
}
