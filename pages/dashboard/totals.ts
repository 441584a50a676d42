import { html, type TemplateResult } from 'lit';
import type { DailyStatistics } from '../../src/api/daily-statistics.ts';

/** Totals over all these days. */
export function totalsView(days: readonly DailyStatistics[]): TemplateResult {
  const sum = (pick: (day: DailyStatistics) => number): number =>
    days.reduce((all, day) => all + pick(day), 0);
  const totals: readonly (readonly [string, string])[] = [
    ['Calls', sum(({ calls }) => calls).toLocaleString()],
    ['Minutes', Math.round(sum(({ minutes }) => minutes)).toLocaleString()],
    ['Interruptions', sum(({ bargeIns }) => bargeIns).toLocaleString()],
    ['Failed calls', sum(({ failed }) => failed).toLocaleString()],
    ['Calls with service failures', sum(({ impaired }) => impaired).toLocaleString()],
    ['Service failures', sum(({ serviceFailures }) => serviceFailures).toLocaleString()],
  ];
  return html`<section aria-labelledby="totals">
    <h2 id="totals">The last ${days.length} days</h2>
    <dl class="totals">
      ${totals.map(
        ([name, value]) =>
          html`<div class="card">
            <dt>${name}</dt>
            <dd class="number">${value}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}
