/** Words of scripts that write no spaces between words, one character at a time; other words as a whole. */
const TOKEN =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmr}\p{scx=Mymr}]|[\p{L}\p{M}\p{N}'’]+/gu;
const UNSPACED = /^[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmr}\p{scx=Mymr}]$/u;
/** A syllable that is repeated without a space: `hahaha…`, `aaaa…`. */
const REPEATED_SYLLABLE = /(\p{L}{1,8}?)\1{9,}/gu;
const SENTENCE_END = /[.!?…。！？]/u;

/** The longest phrase whose repetition is recognised, in tokens. */
const MAX_PHRASE_TOKENS = 80;
/** Later tokens of a text are not searched: no utterance is that long. */
const MAX_TOKENS = 4_000;
/** Fewer repetitions than these may be spoken: "no, no, no", "can you hear me?" */
const SPOKEN_REPETITIONS = { digits: 20, short: 10, phrase: 5, sentences: 3 } as const;
/** From this many words on, a repeated text is a phrase, or sentences. */
const PHRASE_WORDS = 3;
const SENTENCES_WORDS = 8;

interface Token {
  readonly word: string;
  readonly from: number;
  /** The start of the next token. */
  to: number;
}

/** A run of one phrase: its first token, the tokens of the phrase, and the token after the run. */
interface Loop {
  readonly from: number;
  readonly period: number;
  readonly to: number;
}

/**
 * Recognisers repeat one phrase over music and noise, until their output is full. Such a loop is shortened to one phrase; a last
 * phrase that is not complete is dropped with it. Repetitions that people speak stay.
 */
export function withoutLoops(text: string): string {
  const short = text.replace(REPEATED_SYLLABLE, (loop, syllable: string) =>
    UNSPACED.test(syllable[0]!) ? loop : syllable,
  );
  const tokens = tokensOf(short);
  const kept: Token[] = [];
  let at = 0;
  while (at < tokens.length) {
    const loop = at < MAX_TOKENS ? loopAt(tokens, at) : undefined;
    if (loop === undefined) kept.push(tokens[at]!);
    else kept.push(...tokens.slice(at, endOfFirst(short, tokens, loop)));
    at = loop?.to ?? at + 1;
  }
  if (kept.length === tokens.length) return short;
  const words = kept.map(({ from, to }) => short.slice(from, to)).join('');
  return (short.slice(0, tokens[0]!.from) + words).trim();
}

function tokensOf(text: string): Token[] {
  const tokens = [...text.matchAll(TOKEN)].map(({ 0: word, index }) => ({
    word: word.toLowerCase(),
    from: index,
    to: text.length,
  }));
  for (const [index, token] of tokens.entries()) token.to = tokens[index + 1]?.from ?? text.length;
  return tokens;
}

function loopAt(tokens: readonly Token[], from: number): Loop | undefined {
  const most = Math.min(MAX_PHRASE_TOKENS, Math.floor((tokens.length - from) / 2));
  for (let period = 1; period <= most; period += 1) {
    let to = from + period;
    while (to < tokens.length && tokens[to]!.word === tokens[to - period]!.word) to += 1;
    const repetitions = Math.floor((to - from) / period);
    if (repetitions < spokenRepetitions(tokens.slice(from, from + period))) continue;
    const isAtEnd = to === tokens.length;
    return { from, period, to: isAtEnd ? to : from + repetitions * period };
  }
  return undefined;
}

function spokenRepetitions(phrase: readonly Token[]): number {
  if (phrase.every(({ word }) => /^\p{N}+$/u.test(word))) return SPOKEN_REPETITIONS.digits;
  const words = phrase.reduce((sum, { word }) => sum + wordsIn(word), 0);
  if (words < PHRASE_WORDS) return SPOKEN_REPETITIONS.short;
  return words < SENTENCES_WORDS ? SPOKEN_REPETITIONS.phrase : SPOKEN_REPETITIONS.sentences;
}

/** Two characters or Korean syllables are about one word of other languages. */
function wordsIn(token: string): number {
  if (UNSPACED.test(token)) return 0.5;
  return /^\p{sc=Hangul}+$/u.test(token) ? Math.max(1, token.length / 2) : 1;
}

/** The end of the first phrase of a loop: a sentence, if the phrase is one, although the words before it may end like it. */
function endOfFirst(text: string, tokens: readonly Token[], { from, period }: Loop): number {
  for (let start = from; start < from + period; start += 1) {
    const before = tokens[start - 1];
    if (before === undefined || SENTENCE_END.test(text.slice(before.from, before.to))) return start + period;
  }
  return from + period;
}
