import path from 'node:path';
import type { SearchRow } from '../catalogue/search.ts';
import type { CostRow } from '../cost.ts';
import { writeLinePlots } from './line-plot.ts';
import type { LongCallRow } from './long-call.ts';

/** Cost by the length of a call. */
export async function plotLength(folder: string, rows: readonly LongCallRow[]): Promise<void> {
  const of = (y: 'microsecondsPerFrame' | 'megabytes') =>
    rows.map((row) => ({ x: row.minutes, y: row[y], line: 'one call' }));
  const xTitle = 'length of the call in minutes';
  await writeLinePlots(path.join(folder, 'cost-by-length.svg'), [
    { title: 'CPU time', xTitle, yTitle: 'µs for each frame of 20 ms', points: of('microsecondsPerFrame') },
    { title: 'Memory', xTitle, yTitle: 'MB', points: of('megabytes') },
  ]);
}

/** Cost by the number of simultaneous calls. */
export async function plotCalls(folder: string, rows: readonly CostRow[]): Promise<void> {
  const xTitle = 'simultaneous calls';
  const seconds = rows.flatMap(({ calls, scenario, offhook, bare }) => [
    { x: calls, y: offhook, line: `offhook, ${scenario}` },
    { x: calls, y: bare, line: 'bare ws server' },
  ]);
  const ratios = rows.map(({ calls, scenario, ratio }) => ({ x: calls, y: ratio, line: scenario }));
  await writeLinePlots(path.join(folder, 'cost-by-calls.svg'), [
    { title: 'CPU time', xTitle, yTitle: 'CPU seconds for each call-minute', points: seconds },
    { title: 'Ratio', xTitle, yTitle: 'offhook / bare ws server', points: ratios },
  ]);
}

/** Times of searches by the number of stored calls. */
export async function plotStored(folder: string, rows: readonly SearchRow[]): Promise<void> {
  const points = rows
    .filter(({ hasGoal }) => hasGoal)
    .map(({ calls, question, p95Ms }) => ({ x: calls, y: p95Ms, line: question }));
  await writeLinePlots(path.join(folder, 'search-by-stored-calls.svg'), [
    { title: 'Searches', xTitle: 'stored calls', yTitle: 'p95 in ms', points },
  ]);
}
