import { Router } from 'express';
import { z } from 'zod';
import { type Catalogue, LARGEST_PAGE } from '../catalogue/catalogue.ts';
import { requireAuth, type RequireAuthOptions } from '../http/auth/require-auth.ts';
import { validateQuery } from '../http/validate-request.ts';
import { handleCatalogueErrors } from './catalogue-errors.ts';
import { DailyCounter, type DailyStatistics, daysIn, daysUpTo } from './daily-statistics.ts';

const DAYS = 30;
/** A day more: days begin when they begin somewhere else. */
const REACH_MS = (DAYS + 1) * 86_400_000;
/** Of more calls the earliest days are left out. */
const MOST_CALLS = 50_000;

/** `GET /api/figures`. */
export const statisticsQuery = z.strictObject({
  timeZone: z
    .string()
    .max(100, 'may be at most 100 characters long')
    .refine(isTimeZone, { message: 'must be a time zone as in Europe/Berlin' })
    .optional()
    .describe("Where days begin and end, as in `Europe/Berlin`; absent: the server's own time zone"),
});

export interface StatisticsRouterOptions extends RequireAuthOptions {
  readonly catalogue: Pick<Catalogue, 'list'>;
  /** Of the disk that holds the recordings. */
  readonly disk: () => Promise<Statistics['disk']>;
  readonly now: () => number;
}

/** What the dashboard shows. */
export interface Statistics {
  /** Earliest first, today last. */
  readonly days: readonly DailyStatistics[];
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number };
}

/** `GET /api/figures`: how the calls of the last 30 days went, and how much room is left. */
export function createStatisticsRouter(parts: StatisticsRouterOptions): Router {
  const router = Router();
  router.get(
    '/api/figures',
    requireAuth(parts),
    handleCatalogueErrors(async (request, response) => {
      const query = validateQuery(statisticsQuery, request, response);
      if (!query) return;
      const figures: Statistics = { days: await lastDays(parts, query.timeZone), disk: await parts.disk() };
      response.json(figures);
    }),
  );
  return router;
}

async function lastDays(
  { catalogue, now }: StatisticsRouterOptions,
  timeZone?: string,
): Promise<DailyStatistics[]> {
  const nowMs = now();
  const dayOf = daysIn(timeZone);
  const count = new DailyCounter(daysUpTo(dayOf(nowMs), DAYS), dayOf);
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
