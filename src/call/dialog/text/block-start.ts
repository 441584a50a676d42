import { INLINE_BULLET, type LineKind } from './reading.ts';
import { FOLLOWS_ORDINAL } from './sentence-abbreviations.ts';

/** What the start of a line says about it: markup that is not spoken, and the kind of line it makes. */
export interface BlockStart {
  readonly length: number;
  readonly kind?: LineKind;
  /** The number of a list item. */
  readonly number?: number;
}

const BULLET = /^[-*+•‣⁃◦▪▫●○■□·∙➢➤→⇒–—―](?=\s)/u;
const NUMBER = /^(\d{1,3})\\?[.)](?:\*\*|__)?[ \t]+(?=(\S*)\s|\S{30})/u;
const OPEN_NUMBER = /^\d{1,3}(?:\\|\\?[.)](?:\*{0,2}|_{0,2}|(?:\*\*|__)?[ \t]+\S{0,29}))?$/u;
const FENCE = /^(?:`{3,}|~{3,})[ \t]*[\w+#.{}=:-]*[ \t]*\n/u;
const OPEN_FENCE = /^(?:`{1,2}|~{1,2}|(?:`{3,}|~{3,})[ \t]*[\w+#.{}=:-]{0,40}[ \t]*)$/u;
const DEFINITION = /^\[[^\]\n^][^\]\n]{0,99}\]:[ \t]*(?:<[^<>\n]*>|(?:https?:\/\/|\/|#|mailto:)\S*)[^\n]*\n/u;
const OPEN_DEFINITION = /^\[[^\]\n^][^\]\n]{0,99}(?:\](?::[ \t]*(?:[<hm/#][^\n]*)?)?)?$/u;
const FOOTNOTE = /^\[\^[^\]\s]{1,40}\]:[ \t]*/u;
const OPEN_FOOTNOTE = /^\[(?:\^[^\]\s]{0,40}\]?)?$/u;

/** What is known about the lines before. */
export interface LinesBefore {
  /** The list numbers so far; 4 continues a list if 3 was one. */
  readonly numbers: ReadonlySet<number>;
  /** True within a block of code: the next fence ends it, and words may follow that fence. */
  readonly isInFence: boolean;
}

/**
 * Reads Markdown's markup at the start of a line. `more`: it depends on what follows; undefined: words begin here.
 */
export function readBlockStart(text: string, before: LinesBefore): BlockStart | 'more' | undefined {
  const blanks = /^[ \t\u00a0]+/u.exec(text);
  if (blanks) return { length: blanks[0].length };
  if (text.startsWith('>')) {
    if (text === '>') return 'more';
    return /^>[\d=]/u.test(text) ? undefined : { length: 1 };
  }
  if (/^#{1,6}$/u.test(text)) return 'more';
  const heading = /^#{1,6}[ \t]/u.exec(text);
  if (heading) return { length: heading[0].length, kind: 'heading' };
  if (text.startsWith('|')) return { length: 1, kind: 'row' };
  return readListMark(text, before.numbers) ?? readHiddenLine(text, before.isInFence);
}

function readListMark(text: string, previous: ReadonlySet<number>): BlockStart | 'more' | undefined {
  if (/^[-*+•‣⁃◦▪▫●○■□·∙➢➤→⇒–—―]$/u.test(text)) return 'more';
  const bullet = BULLET.exec(text);
  if (bullet) return { length: bullet[0].length, kind: bullet[0] === INLINE_BULLET ? 'inline' : 'item' };
  const task = /^\[[ xX]\][ \t]/u.exec(text);
  if (task) return { length: task[0].length, kind: 'item' };
  if (/^\[(?:[ xX]\]?)?$/u.test(text)) return 'more';
  if (OPEN_NUMBER.test(text)) return 'more';
  const mark = NUMBER.exec(text);
  if (!mark) return undefined;
  const number = Number(mark[1]);
  if (previous.has(number - 1)) return { length: mark[0].length, kind: 'item', number };
  // "1. Mai" is a date.
  if (number > 1 || FOLLOWS_ORDINAL.has(mark[2]?.replace(/\P{L}+$/u, '') ?? '')) return undefined;
  return { length: mark[0].length, kind: 'item', number };
}

/** Fences of code, targets of links, marks of footnotes. */
function readHiddenLine(text: string, isInFence: boolean): BlockStart | 'more' | undefined {
  const hidden = (isInFence ? undefined : FENCE.exec(text)) ?? DEFINITION.exec(text);
  // The line feed is read as the end of an empty line.
  if (hidden) return { length: hidden[0].length - 1 };
  const footnote = FOOTNOTE.exec(text);
  if (footnote) return { length: footnote[0].length, kind: 'item' };
  const isOpen =
    (!isInFence && OPEN_FENCE.test(text)) || OPEN_DEFINITION.test(text) || OPEN_FOOTNOTE.test(text);
  return isOpen ? 'more' : undefined;
}
