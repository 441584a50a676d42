/** The longest phrase whose repetition is recognised, in characters. */
const MAX_PHRASE = 320;
const MIN_REPETITIONS = 4;
/** A short phrase, such as "no, no, no", may be repeated more often. */
const MIN_CHARACTERS = 120;
const COMPARED_CHARACTERS = MAX_PHRASE * (MIN_REPETITIONS + 1);
/** Text is compared again when this much has been added. */
const STEP_CHARACTERS = 40;

/**
 * Recognises a model that repeats one phrase without an end, which small models do (xuiltul/animaworks#41, lijunzh/koda#490,
 * waybarrios/vllm-mlx#188). The text may be split anywhere.
 */
export class RepeatingReply {
  #tail = '';
  #added = 0;

  /** Adds text; true if the text so far ends with repetitions of one phrase. */
  add(text: string): boolean {
    this.#tail = (this.#tail + text).slice(-COMPARED_CHARACTERS);
    this.#added += text.length;
    if (this.#added < STEP_CHARACTERS) return false;
    this.#added = 0;
    return endsInRepetitions(this.#tail);
  }

  /** The text so far is no part of the reply. */
  reset(): void {
    this.#tail = '';
    this.#added = 0;
  }
}

function endsInRepetitions(text: string): boolean {
  for (let period = 1; period <= MAX_PHRASE; period += 1) {
    let length = period;
    while (length < text.length && text.at(-length - 1) === text.at(-length - 1 + period)) length += 1;
    if (length < Math.max(MIN_CHARACTERS, period * MIN_REPETITIONS)) continue;
    // Lines of tables and dots are not spoken.
    if (/[\p{L}\p{N}]/u.test(text.slice(-period))) return true;
  }
  return false;
}
