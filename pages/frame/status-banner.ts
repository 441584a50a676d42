import { html, type TemplateResult } from 'lit';
import { problems } from './server-status.ts';

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
              ${sentences.map((sentence) => html`<li dir="auto">${sentence}</li>`)}
            </ul>`
    }
  </div>`;
}
