import type { Router } from 'express';
import { z } from 'zod';
import { type Catalogue, LARGEST_PAGE } from '../catalogue/catalogue.ts';
import { allPages } from '../catalogue/all-pages.ts';
import { requireAuth, type RequireAuthOptions } from '../http/auth/require-auth.ts';
import { JSON_TYPE, route, type RouteDefinition } from '../http/route.ts';
import { RouteRouter } from '../http/route-router.ts';
import { catalogueErrors } from './catalogue-errors.ts';
import { DailyCounter, type DailyStatistics, daysIn, daysUpTo } from './daily-statistics.ts';

const DAYS = 30;
/** One more day, because days begin earlier in other time zones. */
const PERIOD_MS = (DAYS + 1) * 86_400_000;
/** With more calls the earliest days are left out. */
const MAX_CALLS = 50_000;

const statisticsQuery = z.strictObject({
  timeZone: z
    .string()
    .max(100, 'may be at most 100 characters long')
    .refine(isTimeZone, { message: 'must be a time zone as in Europe/Berlin' })
    .optional()
    .describe("Time zone of the days, as in `Europe/Berlin`; default: the server's time zone"),
});

export const STATISTICS_ROUTES = {
  get: route({
    method: 'get',
    path: '/api/figures',
    tag: 'Calls',
    summary: 'Statistics of the calls of the last 30 days, by day, and the free disk space',
    query: statisticsQuery,
    responses: {
      200: ['`days`, earliest first, and `disk`', JSON_TYPE],
      400: ['A parameter is invalid'],
      503: ['The catalogue is down'],
    },
  }),
} as const satisfies Record<string, RouteDefinition>;

export interface StatisticsRouterOptions extends RequireAuthOptions {
  readonly catalogue: Pick<Catalogue, 'list'>;
  /** Space of the disk that holds the recordings. */
  readonly disk: () => Promise<Statistics['disk']>;
  readonly now: () => number;
}

/** What the dashboard shows. */
export interface Statistics {
  /** Earliest first, today last. */
  readonly days: readonly DailyStatistics[];
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number };
}

/** `GET /api/figures`: statistics of the calls of the last 30 days, and the free disk space. */
export function createStatisticsRouter(options: StatisticsRouterOptions): Router {
  return new RouteRouter({ login: requireAuth(options) })
    .add(STATISTICS_ROUTES.get, async ({ query, response }) => {
      const days = await lastDays(options, query.timeZone);
      const statistics: Statistics = { days, disk: await options.disk() };
      response.json(statistics);
    })
    .router.use(catalogueErrors);
}

async function lastDays(
  { catalogue, now }: StatisticsRouterOptions,
  timeZone?: string,
): Promise<DailyStatistics[]> {
  const nowMs = now();
  const dayOf = daysIn(timeZone);
  const counter = new DailyCounter(daysUpTo(dayOf(nowMs), DAYS), dayOf);
  const filter = { fromMs: nowMs - PERIOD_MS };
  const pages = allPages((cursor) => catalogue.list(filter, { limit: LARGEST_PAGE, cursor }));
  let counted = 0;
  for await (const { items, next } of pages) {
    for (const call of items) counter.add(call);
    counted += items.length;
    const last = items.at(-1);
    if (last && next !== undefined && counted >= MAX_CALLS) {
      counter.forgetUpTo(last.startedAtMs);
      break;
    }
  }
  return counter.figures();
}

function isTimeZone(name: string): boolean {
  try {
    daysIn(name);
    return true;
  } catch {
    return false;
  }
}
