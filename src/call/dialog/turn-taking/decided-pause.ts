import type { HeardTurn, VoicedTime } from '../../line-listener.ts';

/**
 * The longest silence within a turn that a service holds open. With a second and a half for the reply, or for a filler, the caller waits
 * 4 s at most.
 */
const LONGEST_OPEN_MS = 2_500;

/** What a service that hears the line says of the caller's current pause. Undefined: it does not decide where turns end. */
export type AskService = (voiced: VoicedTime) => HeardTurn | undefined;

/** A pause of the caller, while a service that hears the line may decide whether the turn is over. */
export class DecidedPause {
  readonly #ask: AskService;
  readonly #usualMs: number;
  #voiced: VoicedTime | undefined;
  #turn: HeardTurn | undefined;

  /** `usualMs`: the silence that ends what the service does not hear. */
  constructor(ask: AskService, usualMs: number) {
    this.#ask = ask;
    this.#usualMs = usualMs;
  }

  /** True if the service decides about the current pause. */
  get isDecided(): boolean {
    return this.#turn !== undefined;
  }

  /** The caller pauses after this utterance. */
  begin(voiced: VoicedTime): void {
    this.#voiced = voiced;
    this.#turn = this.#ask(voiced);
  }

  /** The caller goes on, or the pause is decided otherwise. */
  end(): void {
    this.#voiced = undefined;
    this.#turn = undefined;
  }

  /** The silence that ends the turn now; undefined if the service does not decide. */
  get silenceMs(): number | undefined {
    if (this.#turn === undefined) return undefined;
    if (this.#turn === 'over') return 0;
    return this.#turn === 'open' ? LONGEST_OPEN_MS : Math.min(this.#usualMs, LONGEST_OPEN_MS);
  }

  /** Asks the service again. Returns true if it says something else, or does not decide any more. */
  changes(): boolean {
    if (this.#voiced === undefined || this.#turn === undefined) return false;
    const before = this.#turn;
    this.#turn = this.#ask(this.#voiced);
    return this.#turn !== before;
  }
}
