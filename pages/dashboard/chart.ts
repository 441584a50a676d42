import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { onOtherColours, pageColour } from '../frame/page-colour.ts';

const HEIGHT_PX = 220;
const HALF_A_DAY_S = 43_200;
const WHOLE_STEPS = [1, 2, 5]
  .flatMap((step) => [step, step * 10, step * 100, step * 1_000])
  .sort((a, b) => a - b);

export interface Series {
  readonly name: string;
  readonly colour: `--${string}`;
  readonly kind: 'bars' | 'line';
  /** One value per day; null: no measurement. */
  readonly values: readonly (number | null)[];
}

/** A plot over days: uses the available width and the colours of the page. */
export class Chart {
  readonly element = document.createElement('div');
  readonly #days: readonly number[];
  readonly #series: readonly Series[];
  #plot: uPlot | undefined;

  /** `days`: such as `2026-07-13`. */
  constructor(days: readonly string[], series: readonly Series[]) {
    this.#days = days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1_000);
    this.#series = series;
    this.element.className = 'chart';
    // The table next to it has the same values.
    this.element.setAttribute('aria-hidden', 'true');
    new ResizeObserver(() => this.#fit()).observe(this.element);
    onOtherColours(() => this.#draw());
  }

  #fit(): void {
    const width = this.element.clientWidth;
    if (width === 0) return;
    if (this.#plot) this.#plot.setSize({ width, height: HEIGHT_PX });
    else this.#draw();
  }

  #draw(): void {
    const width = this.element.clientWidth;
    if (width === 0) return;
    this.#plot?.destroy();
    const data = [this.#days, ...this.#series.map(({ values }) => values)] as uPlot.AlignedData;
    this.#plot = new uPlot(this.#options(width), data, this.element);
  }

  #options(width: number): uPlot.Options {
    const axis: uPlot.Axis = {
      stroke: pageColour('--faint'),
      grid: { stroke: pageColour('--line'), width: 1 },
      ticks: { stroke: pageColour('--line'), width: 1 },
    };
    return {
      ...{ width, height: HEIGHT_PX },
      // Days are shown in UTC, independent of the local time zone.
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'UTC'),
      scales: {
        // Margins for the bars of the first and last day.
        x: { range: (_plot, first, last) => [first - HALF_A_DAY_S, last + HALF_A_DAY_S] },
        y: { range: (_plot, _least, most) => [0, Math.max(1, (most ?? 0) * 1.1)] },
      },
      cursor: { drag: { x: false, y: false } },
      axes: [
        { ...axis, values: [[86_400, '{D} {MMM}', null, null, null, null, null, null, 1]] },
        { ...axis, size: 55, incrs: WHOLE_STEPS },
      ],
      series: [{ label: 'Day', value: (_plot, seconds) => dayOf(seconds) }, ...this.#series.map(drawnAs)],
    };
  }
}

/** Empty if the pointer is not on a day. */
function dayOf(seconds: number | null): string {
  return seconds === null ? '' : new Date(seconds * 1_000).toISOString().slice(0, 10);
}

function drawnAs({ name, colour, kind }: Series): uPlot.Series {
  const stroke = pageColour(colour);
  const value: uPlot.Series.Value = (_plot, number: number | null) => number?.toLocaleString() ?? '';
  // A day between days without calls has no line: points are drawn at any width.
  if (kind === 'line') return { label: name, value, stroke, width: 2, points: { show: true, size: 6 } };
  const bars = uPlot.paths.bars?.({ size: [0.7, 40] });
  return { label: name, value, stroke, fill: stroke, points: { show: false }, ...(bars && { paths: bars }) };
}
