import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** One point of a line. */
export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  /** The name of the line. */
  readonly line: string;
}

export interface LinePlot {
  readonly title: string;
  /** With its unit. */
  readonly xTitle: string;
  readonly yTitle: string;
  readonly points: readonly PlotPoint[];
}

const WIDTH = 480;
const HEIGHT = 240;

/** Writes plots, one below the other, as an SVG file. The x axes are logarithmic; the y axes begin at 0. */
export async function writeLinePlots(file: string, plots: readonly LinePlot[]): Promise<void> {
  const spec: TopLevelSpec = {
    background: 'white',
    // The names of lines are never cut, and each plot has a legend of its own lines.
    config: { legend: { labelLimit: 0 } },
    resolve: { scale: { color: 'independent' } },
    vconcat: plots.map(({ title, xTitle, yTitle, points }) => ({
      title,
      width: WIDTH,
      height: HEIGHT,
      data: { values: [...points] },
      mark: { type: 'line', point: true },
      encoding: {
        x: { field: 'x', type: 'quantitative', scale: { type: 'log' }, title: xTitle },
        y: { field: 'y', type: 'quantitative', title: yTitle },
        color: { field: 'line', type: 'nominal', title: null },
      },
    })),
  };
  const view = new View(parse(compile(spec).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${svg}\n`);
}
