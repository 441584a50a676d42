import { html, type TemplateResult } from 'lit';
import type { DailyStatistics } from '../../src/api/daily-statistics.ts';

const COLUMNS: readonly (readonly [string, (day: DailyStatistics) => string])[] = [
  ['Calls', ({ calls }) => String(calls)],
  ['Minutes', ({ minutes }) => String(minutes)],
  ['Answer time, median', ({ answerMsP50 }) => milliseconds(answerMsP50)],
  ['Answer time, 95th percentile', ({ answerMsP95 }) => milliseconds(answerMsP95)],
  ['Turn over, median', ({ replyStepsP50 }) => milliseconds(replyStepsP50.decidedMs)],
  ['Text, median', ({ replyStepsP50 }) => milliseconds(replyStepsP50.textMs)],
  ['Reply, median', ({ replyStepsP50 }) => milliseconds(replyStepsP50.tokenMs)],
  ['Voice, median', ({ replyStepsP50 }) => milliseconds(replyStepsP50.audioMs)],
  ['Heard, median', ({ replyStepsP50 }) => milliseconds(replyStepsP50.heardMs)],
  ['Interruptions', ({ bargeIns }) => String(bargeIns)],
  ['Time to silence, median', ({ bargeInMsP50 }) => milliseconds(bargeInMsP50)],
  ['Time to silence, 95th percentile', ({ bargeInMsP95 }) => milliseconds(bargeInMsP95)],
  ['Failed calls', ({ failed }) => String(failed)],
  ['Calls with service failures', ({ impaired }) => String(impaired)],
  ['Service failures', ({ serviceFailures }) => String(serviceFailures)],
];

/** All plotted values as numbers. */
export function dayTable(days: readonly DailyStatistics[]): TemplateResult {
  return html`<details class="card">
    <summary>Show as numbers</summary>
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
