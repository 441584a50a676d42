import { html, type TemplateResult } from 'lit';
import { moment } from './moments.ts';
import { problems } from './server-status.ts';

const ISO_TIME = /(\d{4}-\d\d-\d\dT[\d:.]+Z)/;

/** What does not work at the server; empty if everything does. */
export function statusBanner(): TemplateResult {
  const sentences = problems();
  return html`<div class="banner" role="status" aria-label="State of the server">
    ${
      sentences.length === 0
        ? ''
        : html`<p>
              <strong>Something does not work.</strong> Run <code>npx offhook doctor</code> for the next step.
            </p>
            <ul>
              ${sentences.map((sentence) => html`<li dir="auto">${localTimes(sentence)}</li>`)}
            </ul>`
    }
  </div>`;
}

/** The times of a sentence as the browser writes them. */
function localTimes(sentence: string): unknown[] {
  return sentence
    .split(ISO_TIME)
    .map((part, n) => (n % 2 === 0 ? part : html`<time datetime=${part}>${moment(part)}</time>`));
}
