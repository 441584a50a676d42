/** The filter for past calls, as entered in the form. */
export interface CallFilter {
  readonly q: string;
  /** Where the words are searched: `call`, `microphone`; empty: both. */
  readonly type: string;
  readonly speaker: string;
  /** Local calendar days, `2026-07-13`; both are inclusive. */
  readonly fromDay: string;
  readonly toDay: string;
  readonly number: string;
  readonly minSeconds: string;
  readonly maxSeconds: string;
  readonly outcome: string;
}

const FIELDS = [
  'q',
  'type',
  'speaker',
  'fromDay',
  'toDay',
  'number',
  'minSeconds',
  'maxSeconds',
  'outcome',
] as const satisfies readonly (keyof CallFilter)[];

type Texts = Pick<URLSearchParams, 'get'> | Pick<FormData, 'get'>;

export function filterFrom(texts: Texts): CallFilter {
  const textOf = (field: string): string => {
    const text = texts.get(field);
    return typeof text === 'string' ? text.trim() : '';
  };
  return Object.fromEntries(FIELDS.map((field) => [field, textOf(field)])) as unknown as CallFilter;
}

/** Why a filter finds nothing or not what it seems to say. */
export function contradictionIn(filter: CallFilter): string | undefined {
  const { q, type, speaker, number, outcome, fromDay, toDay, minSeconds, maxSeconds } = filter;
  if (type && !q) return 'Enter words: “In” tells where they are searched.';
  if (type === 'microphone' && (speaker || number || outcome))
    return 'Microphone recordings have no “Said by”, “Number” or “Outcome”: search in calls, or leave these out.';
  if (speaker && !q) return 'Enter words: “Said by” tells who must have said them.';
  if (fromDay && toDay && fromDay > toDay) return 'No day is in this range: “From” is later than “To”.';
  if (minSeconds && maxSeconds && Number(minSeconds) > Number(maxSeconds))
    return 'No call has such a length: “At least” is more than “At most”.';
  return undefined;
}

/** The query string of the page, so that the view can be bookmarked and shared. */
export function addressOf(filter: CallFilter): string {
  const given = FIELDS.flatMap((field) => (filter[field] ? [[field, filter[field]]] : []));
  return String(new URLSearchParams(given));
}

/** The query of `GET /api/calls`. */
export function queryOf(filter: CallFilter, page: { limit: number; cursor?: string }): string {
  const { q, type, speaker, fromDay, toDay, number, minSeconds, maxSeconds, outcome } = filter;
  const query = new URLSearchParams({ limit: String(page.limit) });
  const set = (name: string, value: string | undefined): void => {
    if (value) query.set(name, value);
  };
  set('q', q);
  set('type', q && type);
  set('speaker', q && speaker);
  set('from', fromDay && midnight(fromDay, 0));
  set('before', toDay && midnight(toDay, 1));
  set('number', number);
  set('minSeconds', minSeconds);
  set('maxSeconds', maxSeconds);
  set('outcome', outcome);
  set('cursor', page.cursor);
  return String(query);
}

/** Days have 23 to 25 hours, so the calendar counts them. */
function midnight(day: string, later: number): string | undefined {
  const date = new Date(`${day}T00:00:00`);
  if (Number.isNaN(date.getTime())) return undefined;
  date.setDate(date.getDate() + later);
  return date.toISOString();
}
