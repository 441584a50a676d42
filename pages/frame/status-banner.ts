import { html, type TemplateResult } from 'lit';
import { moment } from './moments.ts';
import { isDraining, problems } from './server-status.ts';

const ISO_TIME = /(\d{4}-\d\d-\d\dT[\d:.]+Z)/;

/** What does not work at the server, and whether it drains; empty if everything is as usual. */
export function statusBanner(): TemplateResult {
  const sentences = problems();
  return html`<div class="banner" role="status" aria-label="State of the server">
    ${
      isDraining()
        ? html`<p>
            <strong>New calls are not accepted.</strong> Live calls continue. End this with
            <code>npx offhook drain --undo</code>, unless the server is stopping.
          </p>`
        : ''
    }
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
