/** Digits as words, of all languages, and the words with which they are read out. */
const DIGIT_WORDS = new Set(
  (
    'zero oh one two three four five six seven eight nine double triple plus ' +
    'null eins zwei zwo drei vier fünf sechs sieben acht neun ' +
    'zéro un deux trois quatre cinq sept huit neuf ' +
    'cero uno dos tres cuatro cinco seis siete ocho nueve ' +
    'due tre quattro cinque sei sette otto nove ' +
    'nul een één twee drie vijf zes zeven negen ' +
    'um dois três quatro meia sete oito nove ' +
    'jeden dwa trzy cztery pięć sześć siedem osiem dziewięć ' +
    'nula jedna dva tři čtyři pět šest sedm osm devět ' +
    'ноль нуль один два три четыре пять шесть семь восемь девять ' +
    'noll ett två tre fyra fem sex sju åtta nio nul en to fire seks syv otte ni åtte ' +
    'nolla yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän ' +
    'nulla egy kettő három négy öt hat hét nyolc kilenc ' +
    'sıfır bir iki üç dört beş altı yedi sekiz dokuz'
  ).split(' '),
);
/** Words before the numbers of a text that is nothing but numbers. */
const LEAD_IN = new Set(
  'yes ok okay so and then ja also und dann oui et alors sí y entonces sì e poi sim então en dan tak да и och og'.split(
    ' ',
  ),
);
/** Characters that are digits in Chinese, Japanese and Korean. */
const EASTERN_DIGITS =
  /([〇零一二三四五六七八九幺两]{2,}|(^|\s)[영공일이삼사오육륙칠팔구]{3,})[\s、，,…-]*$/u;
const OPEN_DIGITS = /\p{Nd}["'”’)\]]*\s*(…|\.{2,}|[,;:、，–—-])?$/u;
const SENTENCE_END = /[.!?。！？]["'”’)\]]*$/u;
/** A number of more digits that ends like a sentence is complete. */
const MAX_GROUP_DIGITS = 6;
const QUESTION = /[?？]["'”’)\]]*$/u;

/**
 * True if the text may be one group of a number that is read out in several: it ends in digits without the end of a sentence, or is
 * nothing but digits, which recognisers end with a full stop.
 */
export function mayContinueNumber(text: string): boolean {
  const said = text.trim();
  if (OPEN_DIGITS.test(said) || EASTERN_DIGITS.test(said)) return true;
  if (QUESTION.test(said)) return false;
  const words = wordsOf(said);
  const from = words.findLastIndex((word) => !isNumber(word)) + 1;
  const numbers = words.length - from;
  const isAllNumbers = numbers > 0 && words.slice(0, from).every((word) => LEAD_IN.has(word));
  const isClosed = SENTENCE_END.test(said) && !said.endsWith('...');
  if (isClosed && numbers > MAX_GROUP_DIGITS) return false;
  const digits = /\p{Nd}/u.test(words.at(-1) ?? '');
  return isAllNumbers ? digits || numbers > 1 : numbers > 1 && !isClosed;
}

/** The number at the end of a text, and the words before it in lower case, without punctuation. `digits`: 0 if there is none. */
export function trailingNumber(text: string): { readonly before: string; readonly digits: number } {
  const words = wordsOf(text);
  const from = words.findLastIndex((word) => !isNumber(word)) + 1;
  const digits = words.slice(from).map((word) => (DIGIT_WORDS.has(word) ? 1 : word.length));
  return { before: words.slice(0, from).join(' '), digits: digits.reduce((sum, each) => sum + each, 0) };
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

function isNumber(word: string): boolean {
  return DIGIT_WORDS.has(word) || /^\p{Nd}+$/u.test(word);
}
