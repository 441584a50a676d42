import path from 'node:path';
import { writeLinePlots } from '../growth/line-plot.ts';
import { percentile } from '../percentile.ts';
import { table } from '../tables.ts';
import type { SimulationRow } from './simulation.ts';

const SPLIT = 'two machines have parts of this call; the record has those of this machine';
const HEADS = ['event', 'events', 'calls', 'with files', 'files, parts twice', 'split', 'interrupted'];

export function simulationTable(rows: readonly SimulationRow[]): string {
  const lines = rows.map((row) => [
    row.event,
    String(row.events),
    String(row.calls),
    String(row.completed),
    `${row.doubleFiles}, ${row.doubleParts}`,
    String(row.messages.get(SPLIT) ?? 0),
    String(row.recoveryMs.length),
    spread(row.recoveryMs),
    (row.lostMs.reduce((sum, ms) => sum + ms, 0) / 1_000 / row.events).toFixed(1),
    spread(row.lostMs),
  ]);
  const times = ['recovery p50 / p99 / max, s', 'lost, s per event', 'per call p50 / p99 / max, s'];
  return table([[...HEADS, ...times], ...lines]);
}

/** How many of the interrupted calls have a machine again, by the time since the interruption. */
export async function plotSimulation(folder: string, rows: readonly SimulationRow[]): Promise<void> {
  const points = (values: readonly number[], line: string) =>
    values.length === 0
      ? []
      : [1, 5, 10, 25, 50, 75, 90, 95, 99, 100].map((y) => ({
          x: Math.max(0.01, percentile(values, y) / 1_000),
          y,
          line,
        }));
  const xTitle = 'seconds';
  const yTitle = '% of the interrupted calls';
  await writeLinePlots(path.join(folder, 'simulation.svg'), [
    {
      title: 'Without a working machine',
      xTitle,
      yTitle,
      points: rows.flatMap(({ event, recoveryMs }) => points(recoveryMs, event)),
    },
    {
      title: 'Audio that the record does not have',
      xTitle,
      yTitle,
      points: rows.flatMap(({ event, lostMs }) => points(lostMs, event)),
    },
  ]);
}

function spread(values: readonly number[]): string {
  if (values.length === 0) return '–';
  return [50, 99, 100].map((percent) => (percentile(values, percent) / 1_000).toFixed(2)).join(' / ');
}
