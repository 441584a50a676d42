import type { OwnTurnRules } from '../../../settings/turn-rules/turn-rules.ts';
import { FAREWELLS, LEAD_IN, OPENING_FAREWELLS, SPOKEN_OF, UNSPACED_FAREWELLS } from './farewell-words.ts';

/** A farewell may be followed by this much: "Goodbye, thank you for calling, and have a nice day." */
const MAX_CLAUSES_AFTER = 3;
const MAX_WORDS_AFTER = 6;
const MAX_WORDS_OF_CLAUSE_AFTER = 8;
/** After a word that is a farewell only at the start of a clause. */
const MAX_WORDS_AFTER_OPENING = 3;
const CLAUSE = /[^.,;:!?…。、，！？؟\n]+[.,;:!?…。、，！？؟\n]*/gu;
const QUESTION = /[?？؟]/u;

/** Words that end a conversation, of all languages: the built-in ones and a user's own. */
export class Farewells {
  /** Undefined: there are none. */
  readonly #own: RegExp | undefined;

  constructor(own: OwnTurnRules = {}) {
    const phrases = Object.values(own).flatMap(({ farewells }) => farewells);
    const asWords = phrases.map((phrase) => wordsOf(phrase).join(' '));
    this.#own = phrases.length === 0 ? undefined : new RegExp(` (?:${asWords.join('|')}) `, 'u');
  }

  /** True if the text ends in a farewell, in any of the languages; a question or a longer sentence after it is none. */
  end(text: string): boolean {
    const clauses = text.match(CLAUSE) ?? [];
    for (let back = 0; back <= Math.min(MAX_CLAUSES_AFTER, clauses.length - 1); back += 1) {
      const clause = clauses[clauses.length - 1 - back]!;
      if (QUESTION.test(clause)) return false;
      if (this.#isIn(clause)) return true;
      if (wordsOf(clause).length > MAX_WORDS_OF_CLAUSE_AFTER) return false;
    }
    return false;
  }

  #isIn(clause: string): boolean {
    if (UNSPACED_FAREWELLS.test(clause)) return true;
    const words = ` ${wordsOf(clause).join(' ')} `;
    const opening = words.slice((LEAD_IN.exec(words)?.[0].length ?? 1) - 1);
    if (isShortAfter(opening, OPENING_FAREWELLS, true)) return true;
    return (
      isShortAfter(words, FAREWELLS, false) ||
      (this.#own !== undefined && isShortAfter(words, this.#own, false))
    );
  }
}

function isShortAfter(words: string, phrase: RegExp, atStart: boolean): boolean {
  const found = phrase.exec(words);
  if (found === null || (atStart && found.index > 0)) return false;
  if (SPOKEN_OF.test(words.slice(0, found.index + 1))) return false;
  return (
    wordsOf(words.slice(found.index + found[0].length)).length <=
    (atStart ? MAX_WORDS_AFTER_OPENING : MAX_WORDS_AFTER)
  );
}

function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFC')
      .toLowerCase()
      .replaceAll('\u0307', '')
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  );
}
