import { html, type TemplateResult } from 'lit';
import { Page } from '../frame/page.ts';

const TITLES: Readonly<Record<string, string>> = {
  403: 'Not for you',
  404: 'Not found',
  429: 'Too many attempts',
};

/** What was answered instead of a page: the server writes it into the document. */
const { status = '', sentence = '' } = document.getElementById('page')!.dataset;

new Page(
  (): TemplateResult =>
    html`<div class="narrow stack">
      <h1>${TITLES[status] ?? 'That did not work'}</h1>
      <p class="notice">${sentence}</p>
    </div>`,
);
