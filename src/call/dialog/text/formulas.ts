import { reread, drop, gap, isBlank, type Reading, type Rule, say } from './reading.ts';

/** What voices read correctly in place of a LaTeX command. */
const SYMBOLS: Readonly<Record<string, string>> = {
  times: '×',
  cdot: '·',
  div: '÷',
  pm: '±',
  le: '≤',
  leq: '≤',
  ge: '≥',
  geq: '≥',
  ne: '≠',
  neq: '≠',
  approx: '≈',
  equiv: '≡',
  infty: '∞',
  sum: '∑',
  int: '∫',
  to: '→',
  rightarrow: '→',
  degree: '°',
  circ: '°',
  sqrt: '√',
  ldots: '…',
  dots: '…',
  cdots: '…',
  alpha: 'α',
  beta: 'β',
  gamma: 'γ',
  delta: 'δ',
  Delta: 'Δ',
  epsilon: 'ε',
  theta: 'θ',
  lambda: 'λ',
  mu: 'μ',
  pi: 'π',
  rho: 'ρ',
  sigma: 'σ',
  Sigma: 'Σ',
  phi: 'φ',
  omega: 'ω',
  Omega: 'Ω',
};
/** Commands whose argument is not spoken. */
const ENVIRONMENTS = /^(?:begin|end)$/u;
const FRACTIONS = /^[dt]?frac$/u;
/** Commands that only change the appearance of their argument or of the spacing. */
const APPEARANCE =
  /^(?:text[a-z]{0,6}|math[a-z]{1,6}|operatorname|boxed|fbox|left|right|big|Big|displaystyle|q?quad|overline|underline|vec|hat|bar)$/u;
/** A formula between dollar signs; more characters are a price and words. */
const LONGEST_INLINE = 120;
/** BEL and ST end the command string of a terminal. */
const STRING_ENDS = ['\u0007', '\u001b\\'];

/** LaTeX commands (`\frac{1}{2}`, `\times`) and the delimiters `\(`, `\)`, `\[`, `\]`. */
export const readFormula: Rule = (text) => {
  if (text.length === 1) return 'more';
  if (/[()[\]]/u.test(text[1]!)) return drop(2);
  const name = /^\\([A-Za-z]+)/u.exec(text)?.[1];
  if (name === undefined) return undefined;
  const length = name.length + 1;
  if (length === text.length) return 'more';
  if (ENVIRONMENTS.test(name) || APPEARANCE.test(name)) return readWrapper(name, text, length);
  if (FRACTIONS.test(name)) return readFraction(text, length);
  const symbol = SYMBOLS[name];
  if (symbol === undefined) return undefined;
  return text[length] === '{'
    ? readArgument(text, length, (content) => symbol + content)
    : say(length, symbol);
};

function readWrapper(name: string, text: string, length: number): Reading | 'more' {
  if (text[length] !== '{') return drop(length);
  return readArgument(text, length, (content) => (ENVIRONMENTS.test(name) ? ' ' : content));
}

function readFraction(text: string, length: number): Reading | 'more' | undefined {
  const upper = groupEnd(text, length);
  if (upper === undefined) return length === text.length ? 'more' : undefined;
  if (upper === 'more') return 'more';
  const lower = groupEnd(text, upper);
  if (lower === 'more' || upper === text.length) return 'more';
  if (lower === undefined) return undefined;
  return reread(lower, `${text.slice(length + 1, upper - 1)}/${text.slice(upper + 1, lower - 1)}`);
}

function readArgument(text: string, start: number, spoken: (content: string) => string): Reading | 'more' {
  const end = groupEnd(text, start);
  if (end === 'more' || end === undefined) return 'more';
  return reread(end, spoken(text.slice(start + 1, end - 1)));
}

/** The position after the group in braces that begins at `start`; undefined if none begins there. */
function groupEnd(text: string, start: number): number | 'more' | undefined {
  if (text[start] !== '{') return undefined;
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    if (text[index] === '\n') return undefined;
    if (text[index] === '{') depth += 1;
    if (text[index] === '}') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return 'more';
}

/** Dollar signs around a formula; those of prices are spoken. */
export const readDollar: Rule = (text) => {
  if (text.length === 1) return 'more';
  if (text[1] === '$') return drop(2);
  if (/[\d\s.,;:!?)]/u.test(text[1]!)) return undefined;
  const inline = /^\$([^$\n]*)\$/u.exec(text);
  if (inline) return /[\\^=]|_\{/u.test(inline[1]!) ? reread(inline[0].length, inline[1]!) : undefined;
  return text.length < LONGEST_INLINE && !text.includes('\n') ? 'more' : undefined;
};

/** ANSI escape sequences: colours and links of a terminal (ECMA-48). The text begins with ESC. */
export const readEscape: Rule = (text) => {
  if (text.length === 1) return 'more';
  const rest = text.slice(1);
  if (rest.startsWith('[')) {
    const sequence = /^\[[0-?]*[ -/]*(?<final>[@-~])?/u.exec(rest)!;
    const isOpen = sequence.groups?.['final'] === undefined && sequence[0].length === rest.length;
    return isOpen ? 'more' : drop(1 + sequence[0].length);
  }
  if (!rest.startsWith(']')) return drop(2);
  const ends = STRING_ENDS.flatMap((end) => (rest.includes(end) ? rest.indexOf(end) + end.length : []));
  return ends.length > 0 ? drop(1 + Math.min(...ends)) : 'more';
};

/** `<3` and `</3`. */
export const readHeart: Rule = (text, { before, spoken }) => {
  if (/^<\/?3?$/u.test(text)) return 'more';
  const heart = /^<\/?3+(?=[\s.,!?…<]|$)/u.exec(text);
  if (!heart || !isBlank(before) || /\p{N}$/u.test(spoken)) return undefined;
  return gap(heart[0].length);
};
