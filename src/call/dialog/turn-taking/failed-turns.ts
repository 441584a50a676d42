import type { AnswererContext } from '../answerer.ts';

/** After this many failures in a row the answering machine takes over. */
const MAX_FAILURES = 2;

/** What the caller hears after a turn without a reply: an apology, a request to repeat, in the end the answering machine. */
export class FailedTurns {
  readonly #context: Pick<AnswererContext, 'output' | 'control'>;
  #failures = 0;
  #askedToRepeat = false;

  constructor(context: Pick<AnswererContext, 'output' | 'control'>) {
    this.#context = context;
  }

  failed(prompt: 'apology' | 'not-understood', atMs: number): void {
    const { output, control } = this.#context;
    this.#failures += 1;
    if (this.#failures >= MAX_FAILURES) control.fallBack('apology-machine', atMs);
    else output.sayPrompt(prompt, atMs);
  }

  /** The recogniser found no words in a long utterance. The caller is asked once; a noisy line is not asked again and again. */
  withoutWords(atMs: number): void {
    if (!this.#askedToRepeat) this.#context.output.sayPrompt('not-understood', atMs);
    this.#askedToRepeat = true;
  }

  /** The recogniser found words. */
  understood(): void {
    this.#askedToRepeat = false;
  }

  /** A reply was sent. */
  replied(): void {
    this.#failures = 0;
  }
}
