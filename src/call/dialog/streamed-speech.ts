import type { SpeechStream, TextRequest } from '../ports.ts';

/**
 * Passes the caller's speech to a service while it is spoken. At a pause its text is requested; if the caller goes on, the whole
 * utterance is passed on again, so that every text is that of the utterance from its beginning on.
 */
export class StreamedSpeech {
  readonly #stream: SpeechStream | undefined;
  /** The utterance so far was passed on at a pause. */
  #paused = false;

  /** Undefined: no service hears the caller while he speaks. */
  constructor(stream: SpeechStream | undefined) {
    this.#stream = stream;
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
    if (this.#paused) this.#stream?.continued();
    this.#paused = false;
  }

  /** The utterance has ended as this turn, and its text is still to be requested. Undefined: not by the stream. */
  finished(speech: Uint8Array, turn: number): TextRequest | undefined {
    const request = this.paused(speech);
    this.#paused = false;
    this.#stream?.finished(turn);
    return request;
  }

  /** The utterance has ended as this turn. Its text was requested at its last pause, or none is requested. */
  over(turn: number): void {
    if (this.#paused) this.#stream?.finished(turn);
    this.#paused = false;
    this.#stream?.discard();
  }

  /** The call has ended. */
  end(): void {
    this.#stream?.end();
  }
}
