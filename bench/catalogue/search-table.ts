import { type LoadRow, SEARCH_GOAL_MS, type SearchRow } from './search.ts';

const BARE = 'bare: plain FTS5 on the same file, with its own ranking of all matches, in the querying thread';

/** Formats the results as a table: one line per query, with growing sizes from left to right. */
export function searchTable({
  rows,
  loads,
}: {
  readonly rows: readonly SearchRow[];
  readonly loads: readonly LoadRow[];
}): string {
  const questions = [...new Set(rows.map((row) => row.question))];
  const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
  const cells = (row: SearchRow): string =>
    [
      `${ms(row.p50Ms)} / ${ms(row.p95Ms)}`.padStart(16),
      (row.bareP95Ms === undefined ? '' : ms(row.bareP95Ms)).padStart(9),
    ].join('');
  const goalOf = (question: string): string => {
    const last = rows.findLast((row) => row.question === question)!;
    if (!last.hasGoal) return '';
    return `  goal p95 < ${SEARCH_GOAL_MS} ms: ${last.p95Ms < SEARCH_GOAL_MS ? 'kept' : 'missed'}`;
  };
  const lines = questions.map(
    (question) =>
      question.padEnd(30) +
      rows
        .filter((row) => row.question === question)
        .map(cells)
        .join('') +
      goalOf(question),
  );
  return [
    ''.padEnd(30) + loads.map((load) => `${load.calls} calls`.padStart(25)).join(''),
    ''.padEnd(30) + loads.map(() => `${'p50 / p95 ms'.padStart(16)}${'bare p95'.padStart(9)}`).join(''),
    ...lines,
    ...loads.map(loadLine),
    ...(rows.some((row) => row.bareP95Ms !== undefined) ? [BARE] : []),
  ].join('\n');
}

function loadLine({ calls, loadSeconds, megabytes, loopP99Ms }: LoadRow): string {
  const rate = `${(calls / loadSeconds).toFixed(0)} a second`;
  const size = megabytes === undefined ? '' : `, ${megabytes.toFixed(0)} MB`;
  return `${calls} calls of 20 turns: indexed in ${loadSeconds.toFixed(1)} s (${rate})${size}; event loop p99 of the querying process ${loopP99Ms.toFixed(1)} ms`;
}
