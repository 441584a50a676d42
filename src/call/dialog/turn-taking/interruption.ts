import type { ReplyPipeline } from '../reply/reply-pipeline.ts';
import { type Assent, isWordless } from './assent.ts';

/** The caller interrupted a reply, and the text of the interruption is still to come. */
interface Pending {
  readonly pipeline: ReplyPipeline;
  /** The caller was being asked something: "yes" is an answer. */
  readonly isAsking: boolean;
  isSettled: boolean;
}

/** An interruption of a reply. After a cough or a word of assent the reply continues. */
export class Interruption {
  readonly #assent: Assent;
  readonly #language: string | undefined;
  #pending: Pending | undefined;

  /** `language`: of the call, a tag such as `de` or `pt-BR`. */
  constructor(assent: Assent, language: string | undefined) {
    this.#assent = assent;
    this.#language = language;
  }

  /** True from the interruption until the reply continues or is cancelled. */
  get pending(): boolean {
    return this.#pending !== undefined;
  }

  /** True if its text was harmless: the reply continues as soon as the caller is silent. */
  get isSettled(): boolean {
    return this.#pending?.isSettled ?? false;
  }

  begin(pipeline: ReplyPipeline, { isAsking }: { readonly isAsking: boolean }): void {
    this.#pending = { pipeline, isAsking, isSettled: false };
  }

  /** True if the reply may continue after this text of the caller. */
  isHarmless(text: string): boolean {
    return this.#pending !== undefined && this.isAside(text, this.#pending);
  }

  /** True for a cough and for words of assent, unless they are an answer. */
  isAside(text: string, { isAsking }: { readonly isAsking: boolean }): boolean {
    return isWordless(text) || (!isAsking && this.#assent.matches(text, this.#language));
  }

  /** A harmless text arrived. */
  settle(): void {
    if (this.#pending) this.#pending.isSettled = true;
  }

  /** Ends the interruption; returns the interrupted reply. */
  take(): ReplyPipeline | undefined {
    const pipeline = this.#pending?.pipeline;
    this.#pending = undefined;
    return pipeline;
  }
}
