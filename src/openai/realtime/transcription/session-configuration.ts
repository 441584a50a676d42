import type { SessionInput } from '../session-input.ts';
import { transcriptionUpdate } from './transcription-events.ts';

/** The error concerns the format of the audio. */
const FORMAT_REFUSAL = /\bformat\b|pcmu|g711/iu;
const LANGUAGE_REFUSAL = /\blanguages?\b/iu;

/** How a session is configured; changes after refusals. */
export class SessionConfiguration {
  readonly #model: string;
  readonly #input: SessionInput;
  /** ISO 639-1. */
  #language: string | undefined;

  constructor(
    { model, language }: { readonly model: string; readonly language: string | undefined },
    input: SessionInput,
  ) {
    this.#model = model;
    this.#language = language;
    this.#input = input;
  }

  get message(): string {
    return transcriptionUpdate({ model: this.#model, language: this.#language }, this.#input.format);
  }

  /** True if it is another one after this refusal: without the language, or with PCM instead of μ-law. */
  adapts(refusal: string): boolean {
    if (this.#language !== undefined && LANGUAGE_REFUSAL.test(refusal)) {
      this.#language = undefined;
      return true;
    }
    return FORMAT_REFUSAL.test(refusal) && this.#input.refused();
  }
}
