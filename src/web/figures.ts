import { Router } from 'express';
import { z } from 'zod';
import { LARGEST_PAGE, type Catalogue } from '../recording/catalogue.ts';
import { DayCount, daysIn, daysUpTo, type DayFigures } from '../recording/day-figures.ts';
import { answered } from './answered.ts';
import { checkedQuery } from './checked.ts';
import { guard, type GuardParts } from './guard.ts';

const DAYS = 30;
/** A day more: days begin when they begin somewhere else. */
const REACH_MS = (DAYS + 1) * 86_400_000;
/** Of more calls the earliest days are left out. */
const MOST_CALLS = 50_000;

/** `GET /api/figures`. */
export const figuresQuery = z.strictObject({
  timeZone: z
    .string()
    .max(100, 'may be at most 100 characters long')
    .refine(isTimeZone, { message: 'must be a time zone as in Europe/Berlin' })
    .optional()
    .describe("Where days begin and end, as in `Europe/Berlin`; absent: the server's own time zone"),
});

export interface FigureParts extends GuardParts {
  readonly catalogue: Pick<Catalogue, 'list'>;
  /** Of the disk that holds the recordings. */
  readonly disk: () => Promise<Figures['disk']>;
  readonly now: () => number;
}

/** What the dashboard shows. */
export interface Figures {
  /** Earliest first, today last. */
  readonly days: readonly DayFigures[];
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number };
}

/** `GET /api/figures`: how the calls of the last 30 days went, and how much room is left. */
export function figureRoutes(parts: FigureParts): Router {
  const router = Router();
  router.get(
    '/api/figures',
    guard(parts),
    answered(async (request, response) => {
      const query = checkedQuery(figuresQuery, request, response);
      if (!query) return;
      const figures: Figures = { days: await lastDays(parts, query.timeZone), disk: await parts.disk() };
      response.json(figures);
    }),
  );
  return router;
}

async function lastDays({ catalogue, now }: FigureParts, timeZone?: string): Promise<DayFigures[]> {
  const nowMs = now();
  const dayOf = daysIn(timeZone);
  const count = new DayCount(daysUpTo(dayOf(nowMs), DAYS), dayOf);
  const filter = { fromMs: nowMs - REACH_MS };
  let counted = 0;
  let cursor: string | undefined;
  do {
    const page = { limit: LARGEST_PAGE, ...(cursor !== undefined && { cursor }) };
    const { items, next } = await catalogue.list(filter, page);
    for (const call of items) count.add(call);
    counted += items.length;
    cursor = next;
    const last = items.at(-1);
    if (last && next !== undefined && counted >= MOST_CALLS) {
      count.forgetUpTo(last.startedAtMs);
      break;
    }
  } while (cursor !== undefined);
  return count.figures();
}

function isTimeZone(name: string): boolean {
  try {
    daysIn(name);
    return true;
  } catch {
    return false;
  }
}
