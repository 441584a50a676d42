import type { SpeakingContext } from './form-rule.ts';

/** People read longer groups in parts. */
const MAX_GROUP = 5;
const MAX_LAST_PART = 4;
const PART = 3;
const SPELLED = /(?<!\d)\d \d(?!\d)/;

/** Whether digits of this part stand one by one, also with the one before it: they are in spoken form already. */
export function hasSpelledDigits(sentence: string, start: number, end: number): boolean {
  return SPELLED.test(sentence.slice(Math.max(0, start - 3), end));
}

/** The digits one by one, with blanks between them. */
export function spellDigits(digits: string, { numbers }: SpeakingContext): string {
  return [...digits].map((digit) => numbers?.digit(digit) ?? digit).join(' ');
}

/** Groups of digits, with commas between them: voices make a pause there. */
export function spellGroups(groups: readonly string[], context: SpeakingContext): string {
  return groups
    .flatMap(partsOf)
    .map((group) => spellDigits(group, context))
    .join(', ');
}

/** Letters and digits one by one: "A B 1 2". */
export function spellCode(code: string, context: SpeakingContext): string {
  return [...code].map((one) => (/\d/.test(one) ? spellDigits(one, context) : one)).join(' ');
}

/** `12345678` → `123`, `456`, `78`. */
function partsOf(group: string): string[] {
  if (group.length <= MAX_GROUP) return [group];
  const parts: string[] = [];
  let rest = group;
  while (rest.length > MAX_LAST_PART) {
    parts.push(rest.slice(0, PART));
    rest = rest.slice(PART);
  }
  return [...parts, rest];
}
