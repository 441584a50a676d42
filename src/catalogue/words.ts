/** The maximum number of indexed words per turn; an hour of monologue has fewer. */
export const INDEXED_WORDS = 10_000;
/** Index words are truncated to this length: servers ignore words longer than 84 letters. */
const INDEX_LETTERS = 60;

const ASCII = /^[\0-\x7f]*$/;
const ASCII_WORD = /[a-z0-9]+/g;
const ACCENTS = /[\u0300-\u036f]/g;
/** Scripts without spaces: each character is a word, and a sequence is a phrase. */
const UNSPACED = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]`;
const WORD = new RegExp(String.raw`${UNSPACED}|(?:(?!${UNSPACED})[\p{L}\p{N}\p{M}])+`, 'gu');
/** Letters without a Unicode decomposition. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  ı: 'i',
  ς: 'σ',
};
const UNPLAIN = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'g');

/**
 * Splits a text into search words, in order: runs of letters and digits, without case and accents. So `2026-07` is two
 * words, and every catalogue splits words alike.
 */
export function wordsOf(text: string): string[] {
  if (ASCII.test(text)) return text.toLowerCase().match(ASCII_WORD) ?? [];
  const bare = text.normalize('NFKD').toLowerCase().replace(ACCENTS, '');
  const plain = bare.replace(UNPLAIN, (letter) => PLAIN[letter]!).normalize('NFC');
  return plain.match(WORD) ?? [];
}

/**
 * Encodes a word for an index: lower-case ASCII letters and digits, so that no database splits it, with a prefix, so
 * that no database drops it as too short or too common. Different words may share an encoding: matches are compared
 * with the words themselves.
 */
export function indexWord(word: string): string {
  const letters = word.replace(/[^a-z0-9]/g, (unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
  return `zw${letters.slice(0, INDEX_LETTERS)}`;
}
