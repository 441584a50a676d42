import { ASSENT, GENERIC_ASSENT } from './assent-words.ts';

/** More of them in a row are a sentence of their own. */
const MAX_WORDS = 4;
const WORD = /[\p{L}\p{M}\p{N}]+(?:[-'][\p{L}\p{M}\p{N}]+)*/gu;
/** "Yes?" expects an answer. */
const QUESTION = /[?？؟]/u;
/** Codes of languages whose words are those of another code. */
const ALIASES: Readonly<Record<string, string>> = { no: 'nb', nn: 'nb' };

const patterns = new Map<string, RegExp>();

/** True if the text is nothing but a few words of assent, in this language or in English. `language`: a tag such as `pt-BR`. */
export function isAssent(text: string, language: string | undefined): boolean {
  if (QUESTION.test(text)) return false;
  return patternOf(language).test(wordsOf(text).join(' '));
}

/** True if the text has no word: a cough, or a noise. */
export function isWordless(text: string): boolean {
  return !/[\p{L}\p{N}?？؟]/u.test(text);
}

function wordsOf(text: string): string[] {
  const plain = text.normalize('NFC').toLowerCase().replaceAll('\u0307', '');
  return plain.replaceAll('’', "'").replaceAll(/[‐‑–]/gu, '-').match(WORD) ?? [];
}

function patternOf(language: string | undefined): RegExp {
  const tag = language?.toLowerCase().split('-')[0] ?? '';
  const code = ALIASES[tag] ?? tag;
  let pattern = patterns.get(code);
  if (pattern) return pattern;
  const own = Object.hasOwn(ASSENT, code) ? ASSENT[code]! : '';
  const words = [GENERIC_ASSENT, ASSENT['en']!, own].filter((one) => one !== '').join('|');
  pattern = new RegExp(`^(?:(?:${words})(?: |$)){1,${MAX_WORDS}}$`, 'u');
  patterns.set(code, pattern);
  return pattern;
}
