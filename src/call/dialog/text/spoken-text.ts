import type { SpokenFormMode } from '../../../events/call-settings.ts';
import { MarkupReader } from './markup-reader.ts';
import { SentenceSplitter } from './sentence-splitter.ts';
import { SpokenForm } from './spoken-form/spoken-form.ts';

/**
 * Turns the streaming text of a chat model into the sentences that are given to the voice and kept in the transcript: without
 * markup, emoji and invisible characters, with numbers and addresses as people say them. The result is the same for every division
 * of the stream.
 */
export class SpokenText {
  readonly #splitter: SentenceSplitter;
  readonly #reader: MarkupReader;
  readonly #form: SpokenForm;
  #sentences: string[] = [];
  #broken = false;

  /** `language`: a tag such as `de` or `pt-BR`. `form`: what of each sentence is put into words. */
  constructor(language?: string, form?: SpokenFormMode) {
    this.#form = new SpokenForm(form, language);
    this.#splitter = new SentenceSplitter(language);
    this.#reader = new MarkupReader({
      words: (text) => this.#sentences.push(...this.#splitter.add(text)),
      lineEnd: (kind) => this.#sentences.push(...this.#splitter.endLine(this.#broken ? 'plain' : kind)),
    });
  }

  /** Returns the sentences that are complete. */
  add(text: string): string[] {
    this.#reader.add(text);
    return this.#take();
  }

  /** Returns the rest at the end of the text. `broken`: the text is incomplete, so its last line gets no full stop. */
  flush(broken = false): string[] {
    this.#broken = broken;
    this.#reader.flush();
    this.#broken = false;
    return [...this.#take(), ...this.#spoken(this.#splitter.flush())];
  }

  #take(): string[] {
    const sentences = this.#sentences;
    this.#sentences = [];
    return this.#spoken(sentences);
  }

  #spoken(sentences: readonly string[]): string[] {
    return sentences.map((sentence) => this.#form.say(sentence));
  }
}
