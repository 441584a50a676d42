import { isLineEnd } from './characters.ts';
import {
  reread,
  drop,
  gap,
  INLINE_BULLET,
  isBlank,
  isWord,
  type LineKind,
  pause,
  type Reading,
  type Rule,
  say,
} from './reading.ts';

/** Scripts in which emphasis stands between letters without blanks. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;
const DIGIT = /\p{N}/u;

function runOf(text: string): string {
  let end = 1;
  while (text[end] === text[0]) end += 1;
  return text.slice(0, end);
}

/** Codes of telephone networks: `*#06#`, `**21*5551234#`. */
const STAR_CODE = /^\*[*#]?\d[\d*]*#|^\*#\d[\d*]*#?/u;

const STAR_CODE_BEGUN = /^\*[*#]?\d[\d*]{0,30}$|^\*#$/u;

/** The star key in quotation marks, brackets or before its noun: `"*"`, `(*)`, `the *-key`. */
function isKeyName(before: string, next: string): boolean {
  const pair = before + next;
  return (
    ['""', "''", '“”', '„“', '«»', '()', '[]', '``', '‘’'].includes(pair) || (isBlank(before) && next === '-')
  );
}

/** Asterisks: emphasis is not spoken; a product, the star key and a star code are. */
export const readAsterisks: Rule = (text, { before, spoken, line }) => {
  const { length } = runOf(text);
  if (text.length === length) return 'more';
  const next = text[length]!;
  const code = STAR_CODE.exec(text)?.[0];
  if (!isWord(before) && STAR_CODE_BEGUN.test(text)) return 'more';
  if (code !== undefined && !isWord(before))
    return code.length === text.length ? 'more' : say(code.length, code);
  if (length === 1 && isKeyName(before, next)) return say(1, '*');
  if (isBlank(before) && isBlank(next)) return betweenBlanks(length, spoken, line);
  if (isWord(before) && isWord(next)) {
    if (DIGIT.test(before) && DIGIT.test(next)) return say(length, text.slice(0, length));
    const isEmphasis = length > 1 || UNSPACED.test(before) || UNSPACED.test(next);
    return isEmphasis ? drop(length) : say(1, '*');
  }
  if (length === 1 && isBlank(before)) {
    if (/[.,;?!]|\ufe0f|\u20e3/u.test(next)) return say(1, '*');
    const code = /^\*[\d*#]+/u.exec(text)?.[0] ?? '';
    if (code !== '' && code.length === text.length) return 'more';
    if (/^\*\d{2,}(?:\*\d+)*#?$/u.test(code)) return say(code.length, code);
    if (/^\*\d$/u.test(code) && !isWord(text[2]!)) return starBeforeDigit(text);
  }
  return drop(length);
};

/** Within this many characters emphasis ends. */
const MAX_EMPHASIS = 40;

/** "Press *5 to go on" has the star key; "*5 apples* are left" has emphasis. */
function starBeforeDigit(text: string): Reading | 'more' {
  const line = text.slice(0, MAX_EMPHASIS).split('\n', 1)[0]!;
  const next = line.indexOf('*', 1);
  if (next > 0) return isBlank(line[next - 1]!) ? say(1, '*') : drop(1);
  return line.length === text.length && line.length < MAX_EMPHASIS ? 'more' : say(1, '*');
}

function betweenBlanks(length: number, spoken: string, line: LineKind): Reading {
  if (length > 1) return DIGIT.test(spoken) && length === 2 ? say(2, '**') : gap(length);
  // After the end of a sentence it is the bullet of a list in one line.
  const isBullet = /[:.;!?]/u.test(spoken) || (line === 'inline' && !DIGIT.test(spoken));
  return isBullet ? reread(1, `\n${INLINE_BULLET} `) : say(1, '*');
}

export const readUnderscores: Rule = (text, { before }) => {
  const { length } = runOf(text);
  if (text.length === length) return 'more';
  if (length > 2) return gap(length);
  return isWord(before) && isWord(text[length]!) ? say(length, text.slice(0, length)) : drop(length);
};

/** Backticks around code. A fence that begins after words may name the language of the code: "Type: ```js". */
export const readBackticks: Rule = (text, { isInFence }) => {
  const { length } = runOf(text);
  if (text.length === length) return 'more';
  if (length < 3 || isInFence) return drop(length);
  const info = /^[\w+#-]{0,20}[ \t]*/u.exec(text.slice(length))![0];
  if (text.length === length + info.length) return 'more';
  return drop(isLineEnd(text[length + info.length]!) ? length + info.length : length);
};

/** Tildes: `~~struck~~`; a single one means "about". */
export const readTildes: Rule = (text) => {
  const { length } = runOf(text);
  if (text.length === length) return 'more';
  if (length === 1) return undefined;
  return length === 2 ? drop(2) : gap(length);
};

/** Equals signs: `==marked==`; between blanks they mean something. */
export const readEquals: Rule = (text, { before }) => {
  const { length } = runOf(text);
  if (text.length === length) return 'more';
  if (length > 2) return gap(length);
  const isMark = length === 2 && isWord(before) !== isWord(text[2]!);
  return isMark ? drop(2) : say(length, text.slice(0, length));
};

/** Dashes and hashes: three and more are decoration; hashes close a heading. */
export const readDecoration: Rule = (text, { before, line }) => {
  const run = runOf(text);
  if (run.length === text.length) return 'more';
  if (run.length > 2) return gap(run.length);
  if (run.startsWith('#') && line === 'heading' && isBlank(before)) {
    if (/^#+[ \t]*$/u.test(text)) return 'more';
    if (/^#+[ \t]*\n/u.test(text)) return drop(run.length);
  }
  return say(run.length, run);
};

/** Vertical bars separate the cells of a table. */
export const readBar: Rule = (text, { before, line }) => {
  if (text.length === 1) return 'more';
  if (line === 'row') return pause(1);
  if (text[1] === '|') return say(2, '||');
  return isBlank(before) && isBlank(text[1]!) ? pause(1) : undefined;
};

/** A quote mark after the end of a sentence; between numbers the sign means "greater". */
export const readGreater: Rule = (text, { before, spoken }) => {
  if (text.length === 1) return 'more';
  return isBlank(before) && isBlank(text[1]!) && /[.!?:…]/u.test(spoken) ? gap(1) : undefined;
};

export const readBackslash: Rule = (text) => {
  if (text.length === 1) return 'more';
  if (text[1] === '\n') return drop(1);
  return /[!-/:-@[-`{-~]/u.test(text[1]!) ? reread(2, text[1]!) : undefined;
};

const SMILEY = /^[:;=]['’]?[-^]?(?:[)(]+|[\][|/\\*$](?![\w/])|[DPpOo](?!\w))/u;

/** Emoticons (`:-)`) and the names of emoji (`:smile:`). */
export const readColon: Rule = (text, { before, openParentheses }) => {
  if (isWord(before) || before === ':') return attachedSmiley(text, openParentheses);
  if (/^:(?:[a-z0-9_+-]{0,40}:?)$/u.test(text)) return 'more';
  const name = /^:(?:[a-z][a-z0-9_+-]{1,39}|[+-]1):(?![\p{L}\p{N}:])/u.exec(text);
  if (name) return gap(name[0].length);
  if (/^[:;=]['’]?[-^]?[)(\][|/\\*$DPpOo]*$/u.test(text)) return 'more';
  const smiley = SMILEY.exec(text);
  return smiley && (isBlank(before) || !/\w$/u.test(smiley[0])) ? gap(smiley[0].length) : undefined;
};

/** `tomorrow:)` is a smiley unless the parenthesis closes one. */
function attachedSmiley(text: string, openParentheses: number): Reading | 'more' | undefined {
  if (/^[:;]-?$/u.test(text)) return 'more';
  const smiley = /^[:;]-?[)(]/u.exec(text);
  return smiley && openParentheses === 0 ? gap(smiley[0].length) : undefined;
}

/** `^^`, `^_^`, `xD` and the shrug. */
export const readFace: Rule = (text, { before }) => {
  if (!isBlank(before)) return undefined;
  if (/^(?:\^[_.-]?\^?|xD*|¯\\{0,2}_?\(?ツ?\)?_?\/?¯?)$/u.test(text)) return 'more';
  const face = /^(?:\^[_.-]?\^|xD+|¯\\{0,2}_?\(ツ\)_?\/?¯)(?=[\s.,!?…])/u.exec(text);
  return face ? gap(face[0].length) : undefined;
};
