/** Only so many words of one turn are found again; a turn of an hour's monologue has fewer. */
export const INDEXED_WORDS = 10_000;
/** A word in an index is cut to this: servers ignore what is longer than 84 letters. */
const INDEX_LETTERS = 60;

const ASCII = /^[\0-\x7f]*$/;
const ASCII_WORD = /[a-z0-9]+/g;
const ACCENTS = /[\u0300-\u036f]/g;
/** Written without spaces: each character counts as a word, and several as a phrase. */
const UNSPACED = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]`;
const WORD = new RegExp(String.raw`${UNSPACED}|(?:(?!${UNSPACED})[\p{L}\p{N}\p{M}])+`, 'gu');
/** Letters that Unicode does not take apart. */
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
 * The words of a text as they are looked for, in their order: runs of letters and digits, without case and accents. So
 * `2026-07` are two words, and every catalogue means the same by a word.
 */
export function wordsOf(text: string): string[] {
  if (ASCII.test(text)) return text.toLowerCase().match(ASCII_WORD) ?? [];
  const bare = text.normalize('NFKD').toLowerCase().replace(ACCENTS, '');
  const plain = bare.replace(UNPLAIN, (letter) => PLAIN[letter]!).normalize('NFC');
  return plain.match(WORD) ?? [];
}

/**
 * A word as it stands in an index: small letters and digits of ASCII, so that no database takes it apart, and with a
 * prefix, so that none leaves it out as too short or too common. Different words may look the same here: what an index
 * finds is compared with the words themselves.
 */
export function indexWord(word: string): string {
  const letters = word.replace(/[^a-z0-9]/g, (unit) => unit.charCodeAt(0).toString(16).padStart(4, '0'));
  return `zw${letters.slice(0, INDEX_LETTERS)}`;
}
