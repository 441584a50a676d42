import type { TakeResult } from './play-take.ts';
import type { Expected } from './situations.ts';

/** The takes of one kind of sound. Times are milliseconds; undefined: there are none. */
export interface InterruptionRow {
  readonly kind: string;
  readonly expected: Expected;
  readonly takes: number;
  readonly ignored: number;
  readonly resumed: number;
  readonly stopped: number;
  /** How long a reply paused that was resumed. */
  readonly pauseP50Ms: number | undefined;
  /** From the first sample of the sound to silence at the phone. */
  readonly silentP50Ms: number | undefined;
  readonly silentP95Ms: number | undefined;
}

/** Shares of 0 to 1. */
export interface InterruptionShares {
  /** Interruptions after which the reply went on. */
  readonly missed: number;
  /** Sounds that are no interruption, and ended a reply. */
  readonly notResumed: number;
  /** Sounds to be ignored that stopped a reply, even if it was resumed. */
  readonly falseStops: number;
}

export function interruptionRows(results: readonly TakeResult[]): InterruptionRow[] {
  return [...new Set(results.map(({ kind }) => kind))].map((kind) => {
    const takes = results.filter((one) => one.kind === kind);
    const count = (outcome: TakeResult['outcome']): number =>
      takes.filter((one) => one.outcome === outcome).length;
    const silent = takes.flatMap(({ silentAfterMs }) => silentAfterMs ?? []);
    return {
      ...{ kind, expected: takes[0]!.expected, takes: takes.length },
      ...{ ignored: count('ignored'), resumed: count('resumed'), stopped: count('stopped') },
      pauseP50Ms: quantile(
        takes.flatMap(({ pauseMs }) => pauseMs ?? []),
        0.5,
      ),
      silentP50Ms: quantile(silent, 0.5),
      silentP95Ms: quantile(silent, 0.95),
    };
  });
}

export function sharesOf(results: readonly TakeResult[]): InterruptionShares {
  const share = (of: (one: TakeResult) => boolean, wrong: (one: TakeResult) => boolean): number => {
    const all = results.filter(of);
    return all.length === 0 ? 0 : all.filter(wrong).length / all.length;
  };
  return {
    missed: share(
      ({ expected }) => expected === 'stop',
      ({ outcome }) => outcome !== 'stopped',
    ),
    notResumed: share(
      ({ expected }) => expected !== 'stop',
      ({ outcome }) => outcome === 'stopped',
    ),
    falseStops: share(
      ({ expected }) => expected === 'ignore',
      ({ stops }) => stops > 0,
    ),
  };
}

function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
