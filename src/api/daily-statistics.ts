import type { CataloguedCall } from '../records/call-entry.ts';

const DAY_MS = 86_400_000;

/** How the calls of one day went. */
export interface DailyStatistics {
  /** `2026-07-13` */
  readonly day: string;
  /** That began on it. */
  readonly calls: number;
  readonly minutes: number;
  readonly failed: number;
  /** From the end of the caller's words to the first sound of the reply; null where nothing was answered. */
  readonly answerMsP50: number | null;
  readonly answerMsP95: number | null;
  readonly bargeIns: number;
  /** From the caller's first sound over a reply to its silence; null where nobody interrupted one. */
  readonly bargeInMsP50: number | null;
  readonly bargeInMsP95: number | null;
}

/** Gives the day on which a moment lies there. Throws where no such time zone is known. */
export function daysIn(timeZone: string | undefined): (ms: number) => string {
  // Swedes write dates as ISO 8601 does.
  const format = new Intl.DateTimeFormat('sv-SE', {
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    ...(timeZone !== undefined && { timeZone }),
  });
  return (ms) => format.format(ms);
}

/** So many days, the given one last. */
export function daysUpTo(last: string, count: number): string[] {
  const lastMs = Date.parse(`${last}T00:00:00Z`);
  return Array.from({ length: count }, (_, index) =>
    new Date(lastMs - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10),
  );
}

interface Tally {
  calls: number;
  durationMs: number;
  failed: number;
  bargeIns: number;
  readonly answerMs: number[];
  readonly bargeInMs: number[];
}

/** Counts calls, each on the day on which it began; those of other days do not count. */
export class DailyCounter {
  readonly #dayOf: (ms: number) => string;
  readonly #tallies: Map<string, Tally>;

  constructor(days: readonly string[], dayOf: (ms: number) => string) {
    this.#dayOf = dayOf;
    this.#tallies = new Map(
      days.map((day) => [
        day,
        { calls: 0, durationMs: 0, failed: 0, bargeIns: 0, answerMs: [], bargeInMs: [] },
      ]),
    );
  }

  add({ startedAtMs, durationMs = 0, outcome, figures }: CataloguedCall): void {
    const tally = this.#tallies.get(this.#dayOf(startedAtMs));
    if (!tally) return;
    tally.calls += 1;
    tally.durationMs += durationMs;
    tally.failed += outcome === 'failed' ? 1 : 0;
    tally.bargeIns += figures?.interruptions ?? 0;
    for (const ms of figures?.answerMs ?? []) tally.answerMs.push(ms);
    for (const ms of figures?.bargeInMs ?? []) tally.bargeInMs.push(ms);
  }

  /** Leaves out the day of that moment and all before it: they were not counted to their ends. */
  forgetUpTo(ms: number): void {
    const day = this.#dayOf(ms);
    for (const one of this.#tallies.keys()) if (one <= day) this.#tallies.delete(one);
  }

  figures(): DailyStatistics[] {
    return [...this.#tallies].map(([day, { calls, durationMs, failed, bargeIns, answerMs, bargeInMs }]) => ({
      ...{ day, calls, failed, bargeIns },
      minutes: Math.round(durationMs / 6_000) / 10,
      answerMsP50: percentile(answerMs, 0.5),
      answerMsP95: percentile(answerMs, 0.95),
      bargeInMsP50: percentile(bargeInMs, 0.5),
      bargeInMsP95: percentile(bargeInMs, 0.95),
    }));
  }
}

/** The smallest value that is not less than this share of all; null where there is none. */
function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  return value === undefined ? null : Math.round(value);
}
