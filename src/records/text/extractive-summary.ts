/** How many of the caller's first lines an extract repeats. */
const FIRST_LINES = 3;
const LINE_LENGTH = 160;
const MONTHS = 'January|February|March|April|May|June|July|August|September|October|November|December';
const DAYS = 'Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|today|tomorrow|tonight';
const DATES = new RegExp(
  `\\b(?:\\d{1,4}[./-]\\d{1,2}[./-]\\d{1,4}|(?:${MONTHS})(?: \\d{1,2}(?:st|nd|rd|th)?)?(?:,? \\d{4})?|\\d{1,2}\\.? (?:${MONTHS})(?: \\d{4})?|${DAYS}|\\d{1,2}(?::\\d{2})? ?(?:am|pm|o'clock))\\b`,
  'giu',
);
const NUMBERS = /\+?\d(?:[\d .,/()-]*\d)+|\b\d\b/gu;
const NAMES =
  /\b(?:[Mm]y name is|[Tt]his is|I am|I'm|[Ss]peaking with|[Aa]sk for)\s+((?:\p{Lu}[\p{L}'-]+)(?:\s+\p{Lu}[\p{L}'-]+)*)/gu;

/** A summary without a language model: what the caller said first, and the numbers, names and dates as they stand. */
export function extractiveSummary(callerTexts: readonly string[]): string {
  const texts = callerTexts.map((text) => text.trim()).filter((text) => text !== '');
  if (texts.length === 0) return 'The caller said nothing that was understood.';
  const first = texts.slice(0, FIRST_LINES).map((text) => shorten(text));
  const all = texts.join(' ');
  const dates = all.match(DATES) ?? [];
  const parts = [`The caller said: ${first.map((text) => `“${text}”`).join(' ')}`];
  if (texts.length > FIRST_LINES) parts.push(`(${texts.length - FIRST_LINES} more)`);
  const names = [...all.matchAll(NAMES)].map((match) => match[1]!);
  const numbers = all.replace(DATES, ' ').match(NUMBERS) ?? [];
  for (const [label, found] of [
    ['Names', names],
    ['Numbers', numbers],
    ['Dates', dates],
  ] as const) {
    if (found.length > 0) parts.push(`${label}: ${[...new Set(found.map((one) => one.trim()))].join(', ')}.`);
  }
  return parts.join(' ');
}

function shorten(text: string): string {
  if (text.length <= LINE_LENGTH) return text;
  const space = text.lastIndexOf(' ', LINE_LENGTH);
  return `${text.slice(0, space > 0 ? space : LINE_LENGTH)} …`;
}
