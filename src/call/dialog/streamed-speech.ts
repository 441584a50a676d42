import type { SpeechStream } from '../ports.ts';
import type { TextRequest } from './service-calls.ts';

/**
 * Passes the caller's speech to a streaming transcriber while it is spoken. At a pause its text is requested; if the caller goes on, the
 * whole utterance is passed on again, so that every text is that of the utterance from its beginning on.
 */
export class StreamedSpeech {
  readonly #stream: SpeechStream | undefined;
  /** The text of the utterance so far was requested. */
  #requested = false;

  /** Undefined: no streaming transcriber is configured. */
  constructor(stream: SpeechStream | undefined) {
    this.#stream = stream;
  }

  /** The utterance in progress from its beginning on. */
  hear(speech: Uint8Array): void {
    if (!this.#requested) this.#stream?.hear(speech);
  }

  /** The caller pauses after this speech. Undefined: its text is not to be requested by the stream. */
  paused(speech: Uint8Array): TextRequest | undefined {
    this.#requested = true;
    return this.#requestOf(speech);
  }

  /** The caller goes on. */
  continued(): void {
    this.#requested = false;
  }

  /** The utterance has ended, and its text is still to be requested. Undefined: not by the stream. */
  finished(speech: Uint8Array): TextRequest | undefined {
    this.#requested = false;
    return this.#requestOf(speech);
  }

  /** The utterance has ended. Its text was requested at its last pause, or none is requested. */
  over(): void {
    this.#requested = false;
    this.#stream?.discard();
  }

  /** The call has ended. */
  end(): void {
    this.#stream?.end();
  }

  #requestOf(speech: Uint8Array): TextRequest | undefined {
    const stream = this.#stream;
    if (stream?.available) return (signal) => stream.transcribe(speech, signal);
    stream?.discard();
    return undefined;
  }
}
