import { z } from 'zod';
import { LARGEST_PAGE, SEARCH_TYPES } from '../catalogue/catalogue.ts';
import { CALL_OUTCOMES, CALL_STATES } from '../records/call-entry.ts';
import { DATE_FORMATS, parseDate } from './parse-date.ts';

const USUAL_PAGE = 50;
const LONG_CURSOR = 'is not the `next` of a page before';

const moment = z
  .string()
  .refine((text) => parseDate(text) !== undefined, { message: `must be ${DATE_FORMATS}` })
  .transform((text) => parseDate(text)!);

const seconds = z.coerce.number('must be a number of seconds').min(0, 'must be 0 or more');

interface Ranges {
  readonly q?: string | undefined;
  readonly speaker?: string | undefined;
  readonly from?: number | undefined;
  readonly before?: number | undefined;
  readonly minSeconds?: number | undefined;
  readonly maxSeconds?: number | undefined;
}

/** Refuses queries that nothing can match, or that ask for less than they seem to. */
function refuseContradictions(query: Ranges, context: z.RefinementCtx): void {
  const refuse = (field: keyof Ranges, message: string): void =>
    context.addIssue({ code: 'custom', path: [field], message });
  const { q, speaker, from, before, minSeconds, maxSeconds } = query;
  if (speaker !== undefined && q === undefined)
    refuse('speaker', 'needs words in q as well: it tells who must have said them');
  if (from !== undefined && before !== undefined && from >= before)
    refuse('before', 'must be later than from; there is no time between them');
  if (minSeconds !== undefined && maxSeconds !== undefined && minSeconds > maxSeconds)
    refuse('maxSeconds', 'must not be less than minSeconds; no call has such a length');
}

const queryFields = z.strictObject({
  q: z
    .string()
    .max(500, 'may be at most 500 characters long')
    .optional()
    .describe(
      'Words that one turn contains, "phrases" in quotes; the response is then turns, best match first',
    ),
  speaker: z
    .enum(['caller', 'assistant', 'operator'])
    .optional()
    .describe('The speaker of the words; only with q'),
  from: moment.optional().describe('Calls that began at this time or later'),
  before: moment.optional().describe('Calls that began earlier than this'),
  number: z
    .string()
    .max(200, 'may be at most 200 characters long')
    .optional()
    .describe(
      "Either end's number or address, or its last digits (at least four), or `withheld` for withheld numbers",
    ),
  minSeconds: seconds.optional(),
  maxSeconds: seconds.optional(),
  outcome: z.enum(CALL_OUTCOMES).optional(),
  state: z.enum(CALL_STATES).optional(),
  limit: z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(1, `must be 1 to ${LARGEST_PAGE}`)
    .max(LARGEST_PAGE, `must be 1 to ${LARGEST_PAGE}`)
    .default(USUAL_PAGE),
  cursor: z.string().max(2_000, LONG_CURSOR).optional().describe('The `next` of the previous page'),
});

/** `GET /api/calls`. Dates without a time are midnight UTC. */
export const callsQuery = queryFields.superRefine(refuseContradictions);
export type CallsQuery = z.infer<typeof callsQuery>;

const OF_CALLS_ONLY = ['speaker', 'number', 'outcome', 'state'] as const;

/** `GET /api/search`. */
export const searchQuery = queryFields
  .extend({
    q: queryFields.shape.q
      .unwrap()
      .describe(
        'Words that one turn of a call or one utterance of a microphone recording contains; "phrases" in quotes',
      ),
    type: z
      .enum(SEARCH_TYPES)
      .optional()
      .describe(
        '`call` or `microphone`; absent: both. Speaker, number, outcome and state are properties of calls',
      ),
  })
  .superRefine((query, context) => {
    refuseContradictions(query, context);
    if (query.type !== 'microphone') return;
    for (const field of OF_CALLS_ONLY)
      if (query[field] !== undefined)
        context.addIssue({
          code: 'custom',
          path: [field],
          message: 'is a property of calls; microphone recordings have none: leave it or type=microphone out',
        });
  });
export type FindQuery = z.infer<typeof searchQuery>;

/** `POST /api/calls/:callSid/notes`. */
export const noteBody = z.strictObject({
  text: z.string().trim().min(1, 'must not be empty').max(10_000, 'may be at most 10,000 characters long'),
});

/** `PUT /api/calls/:callSid/hold`. */
export const holdBody = z.strictObject({
  reason: z.string().trim().min(1, 'must not be empty').max(1_000, 'may be at most 1,000 characters long'),
});
