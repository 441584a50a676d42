import type { CostRow, CostScenario } from './cost.ts';
import type { FunctionTime } from './profile-rows.ts';
import { table } from './tables.ts';

/** What a call may cost, as a multiple of the bare server. */
export const COST_GOALS: Readonly<Record<CostScenario, number>> = { conversation: 1.6, media: 1.2 };
/** What was measured last, in `docs/performance.md`. The short form fails beyond `GROSS_REGRESSION` times this. */
export const RECORDED_RATIOS: Readonly<Record<CostScenario, number>> = { conversation: 2.7, media: 1.5 };
export const GROSS_REGRESSION = 1.5;
const MODULES = 40;
const FUNCTIONS = 60;
/** The threads listed, from the busiest on. */
const THREADS = 6;

export function costTable(rows: readonly CostRow[]): string {
  const seconds = (value: number): string => value.toFixed(3);
  const heads = ['calls', '', 'bare ws', 'offhook', 'ratio', 'of rounds', 'goal', 'MB/call', 'by thread'];
  const lines = rows.map((row) => [
    row.scenario,
    String(row.calls),
    seconds(row.bare),
    seconds(row.offhook),
    row.ratio.toFixed(2),
    row.ratios.map((ratio) => ratio.toFixed(2)).join(' '),
    COST_GOALS[row.scenario].toFixed(1),
    row.liveMbPerCall?.toFixed(3) ?? '',
    row.threads.slice(0, THREADS).map(seconds).join(' '),
  ]);
  return table([heads, ...lines]);
}

/** The profile of a row: threads, modules and functions, in microseconds per received frame. */
export function profileTable({ functions, profiledFrames }: CostRow): string {
  const us = (ms: number): string => ((ms * 1_000) / profiledFrames).toFixed(2);
  const sums = (keyOf: (time: FunctionTime) => string): (readonly [string, number])[] => {
    const found = new Map<string, number>();
    for (const time of functions) found.set(keyOf(time), (found.get(keyOf(time)) ?? 0) + time.ms);
    return [...found].sort(([, one], [, other]) => other - one);
  };
  const list = (title: string, lines: readonly (readonly [string, number])[]): string =>
    `${title}, µs per frame\n${table(lines.map(([key, ms]) => [us(ms), key]))}`;
  const nameOf = ({ thread, module, name }: FunctionTime): string => `${thread} ${module} ${name}`;
  const bySelf = functions.slice(0, FUNCTIONS);
  const byTotal = [...functions].sort((one, other) => other.totalMs - one.totalMs).slice(0, 2 * FUNCTIONS);
  return [
    list(
      'Threads (a thread that waits for the disk counts as busy)',
      sums(({ thread }) => thread),
    ),
    list('Modules', sums(({ thread, module }) => `${thread} ${module}`).slice(0, MODULES)),
    list(
      'Functions',
      bySelf.map((time) => [nameOf(time), time.ms]),
    ),
    list(
      'Functions with what they call',
      byTotal.map((time) => [nameOf(time), time.totalMs]),
    ),
  ].join('\n\n');
}

/** A sentence for each scenario that costs far more than was recorded. */
export function grossRegressions(rows: readonly CostRow[]): string[] {
  return rows
    .filter(({ scenario, ratio }) => ratio > GROSS_REGRESSION * RECORDED_RATIOS[scenario])
    .map(
      ({ scenario, ratio }) =>
        `${scenario}: ${ratio.toFixed(2)} times the bare server, more than ${GROSS_REGRESSION} times the recorded ${RECORDED_RATIOS[scenario]}`,
    );
}
