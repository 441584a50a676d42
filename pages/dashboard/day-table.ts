import { html, type TemplateResult } from 'lit';
import type { DailyStatistics } from '../../src/api/daily-statistics.ts';

const COLUMNS: readonly (readonly [string, (day: DailyStatistics) => string])[] = [
  ['Calls', ({ calls }) => String(calls)],
  ['Minutes', ({ minutes }) => String(minutes)],
  ['Half of the answers within', ({ answerMsP50 }) => milliseconds(answerMsP50)],
  ['95 of 100 answers within', ({ answerMsP95 }) => milliseconds(answerMsP95)],
  ['Interruptions', ({ bargeIns }) => String(bargeIns)],
  ['Half of them silent within', ({ bargeInMsP50 }) => milliseconds(bargeInMsP50)],
  ['95 of 100 silent within', ({ bargeInMsP95 }) => milliseconds(bargeInMsP95)],
  ['Failed', ({ failed }) => String(failed)],
];

/** All that is plotted, as numbers. */
export function dayTable(days: readonly DailyStatistics[]): TemplateResult {
  return html`<details class="card">
    <summary>The same as numbers</summary>
    <div class="scrolls" tabindex="0" role="region" aria-label="Figures, day by day">
      <table>
        <thead>
          <tr>
            <th scope="col">Day</th>
            ${COLUMNS.map(([name]) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${days.toReversed().map(
            (day) =>
              html`<tr>
                <th scope="row" class="number">${day.day}</th>
                ${COLUMNS.map(([, value]) => html`<td class="number">${value(day)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

function milliseconds(ms: number | null): string {
  return ms === null ? '–' : `${ms} ms`;
}
