import type { SpeechStream, TextRequest } from '../ports.ts';

/**
 * Passes the caller's speech to a service while it is spoken. At a pause its text is requested; if the caller goes on, the whole
 * utterance is passed on again, so that every text is that of the utterance from its beginning on.
 */
export class StreamedSpeech {
  readonly #stream: SpeechStream | undefined;
  /** The utterance so far was passed on at a pause. */
  #paused = false;
  /** The text up to the last pause. */
  #soFar = '';

  /** Undefined: no service hears the caller while he speaks. */
  constructor(stream: SpeechStream | undefined) {
    this.#stream = stream;
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

  /** The utterance in progress from its beginning on. */
  hear(speech: Uint8Array): void {
    if (!this.#paused) this.#stream?.hear(speech);
  }

  /** The caller pauses after this speech. Undefined: its text is not to be requested by the stream. */
  paused(speech: Uint8Array): TextRequest | undefined {
    this.#paused = true;
    return this.#stream?.paused(speech);
  }

  /** The caller goes on. */
  continued(): void {
    this.#soFar = this.partialText ?? '';
    if (this.#paused) this.#stream?.continued();
    this.#paused = false;
  }

  /** The utterance has ended as this turn, and its text is still to be requested. Undefined: not by the stream. */
  finished(speech: Uint8Array, turn: number): TextRequest | undefined {
    const request = this.paused(speech);
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
