import type { CataloguedCall } from '../records/call-entry.ts';
import { REPLY_STEPS, type ReplyStep } from '../records/reconstructed-call.ts';

const DAY_MS = 86_400_000;

/** Statistics of the calls of one day. */
export interface DailyStatistics {
  /** `2026-07-13` */
  readonly day: string;
  /** Calls that began on this day. */
  readonly calls: number;
  readonly minutes: number;
  /** Calls that an error or a crash of this software ended. */
  readonly failed: number;
  /** Requests of services that failed during calls. */
  readonly serviceFailures: number;
  /** Calls in which a service failed: the caller heard an apology or the answering machine. */
  readonly impaired: number;
  /** From the end of the caller's turn to the first audio of the reply; null if there was no reply. */
  readonly answerMsP50: number | null;
  readonly answerMsP95: number | null;
  /** Medians of the steps of the replies, in ms since the caller's last voiced sample; null if there was no reply. */
  readonly replyStepsP50: Readonly<Record<ReplyStep, number | null>>;
  readonly bargeIns: number;
  /** From the caller's first sound during a reply to the end of its audio; null if no reply was interrupted. */
  readonly bargeInMsP50: number | null;
  readonly bargeInMsP95: number | null;
}

/** Returns a function from times to days in a time zone. Throws if the time zone is unknown. */
export function daysIn(timeZone: string | undefined): (ms: number) => string {
  // Swedish dates have the format of ISO 8601.
  const format = new Intl.DateTimeFormat('sv-SE', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    timeZone,
  });
  return (ms) => format.format(ms);
}

/** `count` days, of which the given one is the last. */
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
  serviceFailures: number;
  impaired: number;
  bargeIns: number;
  readonly answerMs: number[];
  readonly bargeInMs: number[];
  readonly replySteps: Readonly<Record<ReplyStep, number[]>>;
}

function forEachStep<Value>(valueOf: (step: ReplyStep) => Value): Record<ReplyStep, Value> {
  return Object.fromEntries(REPLY_STEPS.map((step) => [step, valueOf(step)])) as Record<ReplyStep, Value>;
}

/** Counts calls by the day on which they began. Calls of other days are ignored. */
export class DailyCounter {
  readonly #dayOf: (ms: number) => string;
  readonly #tallies: Map<string, Tally>;

  constructor(days: readonly string[], dayOf: (ms: number) => string) {
    this.#dayOf = dayOf;
    this.#tallies = new Map(
      days.map((day) => [
        day,
        {
          calls: 0,
          durationMs: 0,
          failed: 0,
          serviceFailures: 0,
          impaired: 0,
          bargeIns: 0,
          answerMs: [],
          bargeInMs: [],
          replySteps: forEachStep(() => []),
        },
      ]),
    );
  }

  add({ startedAtMs, durationMs = 0, outcome, figures }: CataloguedCall): void {
    const tally = this.#tallies.get(this.#dayOf(startedAtMs));
    if (!tally) return;
    tally.calls += 1;
    tally.durationMs += durationMs;
    tally.failed += outcome === 'failed' ? 1 : 0;
    tally.serviceFailures += figures?.serviceFailures ?? 0;
    tally.impaired += (figures?.serviceFailures ?? 0) > 0 ? 1 : 0;
    tally.bargeIns += figures?.interruptions ?? 0;
    for (const ms of figures?.answerMs ?? []) tally.answerMs.push(ms);
    for (const ms of figures?.bargeInMs ?? []) tally.bargeInMs.push(ms);
    for (const step of REPLY_STEPS)
      for (const ms of figures?.replySteps?.[step] ?? []) tally.replySteps[step].push(ms);
  }

  /** Removes the day of a time and all earlier days, because they were not counted completely. */
  forgetUpTo(ms: number): void {
    const day = this.#dayOf(ms);
    for (const one of this.#tallies.keys()) if (one <= day) this.#tallies.delete(one);
  }

  figures(): DailyStatistics[] {
    return [...this.#tallies].map(([day, { durationMs, answerMs, bargeInMs, replySteps, ...counts }]) => ({
      day,
      ...counts,
      minutes: Math.round(durationMs / 6_000) / 10,
      answerMsP50: percentile(answerMs, 0.5),
      answerMsP95: percentile(answerMs, 0.95),
      replyStepsP50: forEachStep((step) => percentile(replySteps[step], 0.5)),
      bargeInMsP50: percentile(bargeInMs, 0.5),
      bargeInMsP95: percentile(bargeInMs, 0.95),
    }));
  }
}

/** The smallest value that is not less than this share of all values; null if there are none. */
function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  return value === undefined ? null : Math.round(value);
}
