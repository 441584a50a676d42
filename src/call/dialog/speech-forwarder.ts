import { SAMPLES_PER_MS } from '../../audio/telephone.ts';
import type { HeardTurn, VoicedTime } from '../line-listener.ts';
import type { SpeechStream, TextRequest } from '../ports.ts';

/** The caller's utterance up to a pause: μ-law at 8,000 Hz. */
export interface PausedUtterance extends VoicedTime {
  readonly mulaw: Uint8Array;
}

/**
 * Passes the caller's speech to a service (a `SpeechStream`) while it is spoken. At a pause its text is requested; if the caller goes on, the whole
 * utterance is passed on again, so that every text is that of the utterance from its beginning on.
 */
export class SpeechForwarder {
  readonly #stream: SpeechStream | undefined;
  /** The utterance so far was passed on at a pause. */
  #paused = false;
  /** The text up to the last pause. */
  #soFar = '';
  /** The end of the audio of the line, in call milliseconds. */
  #lineEndMs = 0;

  /** Undefined: no service hears the caller while he speaks. */
  constructor(stream: SpeechStream | undefined) {
    this.#stream = stream;
  }

  /** Whether a service hears the caller while he speaks. */
  get isHeard(): boolean {
    return this.#stream !== undefined;
  }

  /**
   * The text of the utterance in progress so far. After a pause its text begins again, so the longer one counts; undefined if there
   * is none.
   */
  get partialText(): string | undefined {
    const now = this.#stream?.partialText ?? '';
    return (now.length > this.#soFar.length ? now : this.#soFar) || undefined;
  }

  /** A text of the utterance in progress up to a pause. */
  textSoFar(text: string): void {
    this.#soFar = text;
  }

  /** A frame of the caller, with silence too. As for the turn detector, audio of before the end of the last frame does not count. */
  frame(fromMs: number, mulaw: Uint8Array): void {
    const before = Math.round((this.#lineEndMs - fromMs) * SAMPLES_PER_MS);
    const rest = before > 0 ? mulaw.subarray(before) : mulaw;
    if (rest.length === 0) return;
    const startMs = Math.max(fromMs, this.#lineEndMs);
    this.#lineEndMs = startMs + rest.length / SAMPLES_PER_MS;
    this.#stream?.line?.hear(startMs, rest);
  }

  /** What the service says of the utterance before the current pause. Undefined: it does not decide where turns end. */
  turnOf(voiced: VoicedTime): HeardTurn | undefined {
    return this.#stream?.line?.turnOf(voiced);
  }

  /** The utterance in progress from its beginning on. */
  hear(speech: Uint8Array): void {
    if (!this.#paused) this.#stream?.hear(speech);
  }

  /** The caller pauses after this speech. Undefined: its text is not to be requested by the stream. */
  paused({ mulaw, startMs, endMs }: PausedUtterance): TextRequest | undefined {
    this.#paused = true;
    return this.#stream?.paused(mulaw, { startMs, endMs });
  }

  /** The caller goes on. */
  continued(): void {
    this.#soFar = this.partialText ?? '';
    if (this.#paused) this.#stream?.continued();
    this.#paused = false;
  }

  /** The utterance has ended as this turn, and its text is still to be requested. Undefined: not by the stream. */
  finished(utterance: PausedUtterance, turn: number): TextRequest | undefined {
    const request = this.paused(utterance);
    this.#soFar = '';
    this.#paused = false;
    this.#stream?.finished(turn);
    return request;
  }

  /** The utterance has ended as this turn. Its text was requested at its last pause, or none is requested. */
  over(turn: number): void {
    if (this.#paused) this.#stream?.finished(turn);
    this.#soFar = '';
    this.#paused = false;
    this.#stream?.discard();
  }

  /** The call has ended. */
  end(): void {
    this.#stream?.end();
  }
}
