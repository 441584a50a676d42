import type { OwnTurnRules } from '../../../settings/turn-rules/turn-rules.ts';
import { ASSENT, GENERIC_ASSENT } from './assent-words.ts';
import { escaped, languageCode, languageRules, plainWords } from './own-rules.ts';

/** More of them in a row are a sentence of their own. */
const MAX_WORDS = 4;
/** "Yes?" expects an answer. */
const QUESTION = /[?？؟]/u;

/** Words of assent: the built-in ones and a user's own. */
export class Assent {
  readonly #own: OwnTurnRules;
  readonly #patterns = new Map<string, RegExp>();

  constructor(own: OwnTurnRules = {}) {
    this.#own = own;
  }

  /** True if the text is nothing but a few words of assent, in this language or in English. `language`: a tag such as `pt-BR`. */
  matches(text: string, language: string | undefined): boolean {
    if (QUESTION.test(text)) return false;
    const code = languageCode(language);
    let pattern = this.#patterns.get(code);
    if (!pattern) this.#patterns.set(code, (pattern = this.#patternOf(code)));
    return pattern.test(plainWords(text).join(' '));
  }

  #patternOf(code: string): RegExp {
    const own = languageRules(this.#own, code);
    const builtIn = [GENERIC_ASSENT, ASSENT['en']!, Object.hasOwn(ASSENT, code) ? ASSENT[code]! : ''];
    const words = [...builtIn.flatMap((list) => list.split('|')), ...(own?.assent ?? [])]
      .filter((word) => word !== '' && !own?.notAssent.includes(word))
      .map(escaped);
    return new RegExp(`^(?:(?:${words.join('|')})(?: |$)){1,${MAX_WORDS}}$`, 'u');
  }
}

/** True if the text has no word: a cough, or a noise. */
export function isWordless(text: string): boolean {
  return !/[\p{L}\p{N}?？؟]/u.test(text);
}
