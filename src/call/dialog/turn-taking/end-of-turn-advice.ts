import type { CancelRequest } from '../service-calls.ts';

/** Requests for one turn: a caller who pauses after every word would cost one each. */
const MAX_REQUESTS = 5;

/** Asks a model about this speech; returns undefined if none can be asked. */
export type AskModel = (speech: Uint8Array, done: (probability: number) => void) => CancelRequest | undefined;

/** What an end-of-turn model says of the current pause. Its answer counts for that pause alone. */
export class EndOfTurnAdvice {
  readonly #ask: AskModel;
  readonly #changed: () => void;
  #cancel: CancelRequest | undefined;
  #probability: number | undefined;
  #requests = 0;

  /** `changed`: the model has answered while the caller still pauses. */
  constructor(ask: AskModel, changed: () => void) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /** That nothing more follows; undefined: not known, or not yet. */
  get probability(): number | undefined {
    return this.#probability;
  }

  /** The caller pauses after this speech. */
  paused(speech: Uint8Array): void {
    this.#forget();
    if (this.#requests >= MAX_REQUESTS) return;
    this.#requests += 1;
    this.#cancel = this.#ask(speech, (probability) => {
      this.#probability = probability;
      this.#changed();
    });
  }

  /** The caller goes on. */
  continued(): void {
    this.#forget();
  }

  /** The turn is over. */
  finished(): void {
    this.#forget();
    this.#requests = 0;
  }

  #forget(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#probability = undefined;
  }
}
