import type { Measured, Side } from './measure-variant.ts';

/** The measured errors, a line a variant: milliseconds, largest and median of the pieces. */
export function accuracyTable(all: readonly Measured[]): string {
  const heads = [
    'variant',
    'pieces',
    'start max',
    'median',
    'end max',
    'corr. min',
    'stray ms',
    'caller max',
    'corr. min',
    'length',
  ];
  const rows = all.map(({ name, assistant, caller, decodedErrorMs }) => [
    name,
    ...(assistant ? sideCells(assistant) : ['', '', '', '', '', '']),
    ...(caller ? [most(caller.pieces.map(({ lagMs }) => lagMs)), least(caller)] : ['', '']),
    decodedErrorMs.toFixed(1),
  ]);
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return [line(heads), ...rows.map(line)].join('\n');
}

function sideCells(side: Side): string[] {
  const starts = side.pieces.map(({ lagMs }) => lagMs);
  const ends = side.pieces.map(({ endErrorMs }) => endErrorMs);
  const sorted = starts.map(Math.abs).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return [
    String(side.pieces.length),
    most(starts),
    median.toFixed(1),
    most(ends),
    least(side),
    side.strayMs.toFixed(1),
  ];
}

/** The value farthest from 0, with its sign. */
function most(values: readonly number[]): string {
  return values.reduce((far, value) => (Math.abs(value) > Math.abs(far) ? value : far), 0).toFixed(1);
}

function least(side: Side): string {
  return Math.min(1, ...side.pieces.map(({ correlation }) => correlation)).toFixed(4);
}
