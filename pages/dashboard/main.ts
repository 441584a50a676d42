import { html, type TemplateResult } from 'lit';
import type { Statistics } from '../../src/api/statistics-router.ts';
import { askServer, isTemporary, sentenceFor } from '../frame/ask-server.ts';
import { LookAgain } from '../frame/look-again.ts';
import { Page } from '../frame/page.ts';
import { dayTable } from './day-table.ts';
import { diskView } from './disk-view.ts';
import { type Plot, plotsOf } from './plots.ts';
import { totalsView } from './totals.ts';

const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
let figures: Statistics | undefined;
let plots: readonly Plot[] = [];
let problem = '';

function view(): TemplateResult {
  if (!figures)
    return html`<h1>Dashboard</h1>
      ${
        problem
          ? html`<p class="notice wrong" role="alert">${problem}</p>`
          : html`<p role="status">Counting …</p>`
      }`;
  return html`<h1>Dashboard</h1>
    <div class="stack">
      ${totalsView(figures.days)}
      <div class="cards plots">
        ${plots.map(
          ({ title, note, chart }) =>
            html`<section class="card" aria-label=${title}>
              <h2>${title}</h2>
              <p class="small faint">${note}</p>
              ${chart.element}
            </section>`,
        )}
        ${diskView(figures.disk)}
      </div>
      ${dayTable(figures.days)}
    </div>`;
}

const page = new Page(view);
const lookAgain = new LookAgain(() => void load());
await load();

async function load(): Promise<void> {
  try {
    figures = await askServer<Statistics>(`/api/figures?${String(new URLSearchParams({ timeZone }))}`);
    plots = plotsOf(figures.days);
  } catch (error) {
    problem = sentenceFor(error);
    lookAgain.afterFailure(isTemporary(error));
  }
  page.redraw();
}
