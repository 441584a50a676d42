/** A number as its digits. */
export interface WrittenNumber {
  readonly integer: string;
  /** Empty: a whole number. */
  readonly fraction: string;
}

/** Digits with marks between them; `readNumber` decides what the marks mean. */
export const NUMBER = String.raw`(?:\d{1,3}(?:[.,'’\u00a0\u202f]\d{3})+(?:[.,]\d{1,9})?|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d{1,9})?|\d{1,15}(?:[.,]\d{1,9})?)`;
/** A group of thousands that is a blank; only where the language writes them so. */
export const SPACED_NUMBER = String.raw`(?:\d{1,3}(?: \d{3})+(?:,\d{1,9})?)`;

const MAX_DIGITS = 15;
const GROUPS = /^\d{1,3}(?:\D\d{3})+$/;
const INDIAN_GROUPS = /^\d{1,2}(?:,\d{2})+,\d{3}$/;
/** Countries of one language disagree about the marks. */
const UNCERTAIN = new Set(['es', 'pt']);

/**
 * Reads a number in the notation of a language. Undefined: no number, or it could be two different ones. `tag`: `de`, `es-MX`.
 * `isQuantity`: a currency or a unit belongs to it, so "3.5" is a decimal number in every language.
 */
export function readNumber(text: string, tag: string, isQuantity: boolean): WrittenNumber | undefined {
  const marks = text.match(/\D/g) ?? [];
  const digits = text.replace(/\D/g, '');
  if (digits.length > MAX_DIGITS) return undefined;
  if (marks.length === 0) return isPlain(text) ? { integer: text, fraction: '' } : undefined;
  const last = marks.at(-1)!;
  const [head, tail] = [text.slice(0, text.lastIndexOf(last)), text.slice(text.lastIndexOf(last) + 1)];
  const isGrouped = GROUPS.test(text) || INDIAN_GROUPS.test(text);
  if (new Set(marks).size > 1) {
    const isDecimal = marks.length > 1 && !marks.slice(0, -1).includes(last) && /[.,]/.test(last);
    const isValid = isDecimal && (GROUPS.test(head) || INDIAN_GROUPS.test(head));
    return isValid && isPlain(head) ? { integer: head.replace(/\D/g, ''), fraction: tail } : undefined;
  }
  if (!isPlain(head)) return undefined;
  if (marks.length > 1 || /[^.,]/.test(last))
    return isGrouped ? { integer: digits, fraction: '' } : undefined;
  const [group, decimal] = marksOf(tag);
  if (tail.length === 3 && head !== '0') {
    if (UNCERTAIN.has(tag) && !(isQuantity && last === group)) return undefined;
    if (last === group) return head.length <= 3 ? { integer: digits, fraction: '' } : undefined;
    return last === decimal ? { integer: head, fraction: tail } : undefined;
  }
  return last === decimal || isQuantity ? { integer: head, fraction: tail } : undefined;
}

function isPlain(text: string): boolean {
  return /^0(?!\d)|^[1-9]/.test(text);
}

const known = new Map<string, readonly [string, string]>();

/** The marks of thousands and decimals. */
function marksOf(tag: string): readonly [string, string] {
  const marks = known.get(tag);
  if (marks) return marks;
  const parts = new Intl.NumberFormat(tag).formatToParts(1_234_567.5);
  const value = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  const found = [value('group'), value('decimal')] as const;
  known.set(tag, found);
  return found;
}
