import type { SentenceState, SentenceStates } from './sentence-state.ts';

/** Silence that ends a turn after a finished sentence. */
const FINISHED_MS = 350;
/** Silence that ends a turn after words that go on: people search for a word, or read the next group of a number. */
const UNFINISHED_MS = 1_500;
/** Added to the pauses of a caller who goes on after finished sentences. */
const MARGIN_MS = 100;
/** A model is believed above this probability of either. */
const SURE = 0.7;

/** How long the silence after the caller's words must be until the turn is over, from the words and the caller's own pauses. */
export class EndOfTurn {
  readonly #usualMs: number;
  readonly #sentences: SentenceStates;
  readonly #language: string | undefined;
  /** Silence after a finished sentence; grows with a caller who pauses between sentences. */
  #finishedMs: number;
  #wasFinished = false;
  /** When the last turn ended after a finished sentence, in call milliseconds: its last voiced sample. */
  #endedMs: number | undefined;

  /** `usualMs`: the silence if the words do not tell, and the largest after a finished sentence. */
  constructor(usualMs: number, sentences: SentenceStates, language: string | undefined) {
    this.#usualMs = usualMs;
    this.#sentences = sentences;
    this.#language = language;
    this.#finishedMs = Math.min(FINISHED_MS, usualMs);
  }

  /**
   * The silence that ends the turn after this text. An empty text tells nothing. `probability`: of a model, that nothing more follows;
   * it decides where the words leave it open, and makes a finished sentence wait as long as an open one. A sentence that certainly goes
   * on stays unfinished.
   */
  after(text: string, probability?: number): { readonly state: SentenceState; readonly silenceMs: number } {
    const state = withModel(this.#sentences.of(text, this.#language), text === '' ? undefined : probability);
    this.#wasFinished = state === 'finished';
    if (state === 'finished') return { state, silenceMs: this.#finishedMs };
    const silenceMs = state === 'unfinished' ? Math.max(UNFINISHED_MS, this.#usualMs) : this.#usualMs;
    return { state, silenceMs };
  }

  /** The silence that ends the turn after a cough or a word of assent over a reply, which waits to continue. */
  afterAside(): number {
    this.#wasFinished = false;
    return Math.min(FINISHED_MS, this.#usualMs);
  }

  /** The caller went on after a pause of this length. */
  continued(pausedMs: number): void {
    if (this.#wasFinished) this.#learn(pausedMs);
    this.#wasFinished = false;
  }

  /** The turn is over; `endMs`: its last voiced sample. */
  over(endMs: number): void {
    this.#endedMs = this.#wasFinished ? endMs : undefined;
    this.#wasFinished = false;
  }

  /** The caller speaks again. After a pause that the usual silence would have bridged, the turn was ended too early. */
  started(startMs: number): void {
    if (this.#endedMs !== undefined && startMs - this.#endedMs <= this.#usualMs)
      this.#learn(startMs - this.#endedMs);
    this.#endedMs = undefined;
  }

  #learn(pausedMs: number): void {
    this.#finishedMs = Math.min(this.#usualMs, Math.max(this.#finishedMs, pausedMs + MARGIN_MS));
  }
}

/** One step at most: a model shortens or lengthens the silence, but does not decide alone. */
function withModel(state: SentenceState, probability: number | undefined): SentenceState {
  if (probability === undefined || state === 'unfinished') return state;
  if (probability >= SURE) return 'finished';
  if (probability > 1 - SURE) return state;
  return state === 'finished' ? 'open' : 'unfinished';
}
