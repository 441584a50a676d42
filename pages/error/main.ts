import { html, type TemplateResult } from 'lit';
import { Page } from '../frame/page.ts';

const TITLES: Readonly<Record<string, string>> = {
  403: 'Access denied',
  404: 'Not found',
  429: 'Too many attempts',
};

/** The HTTP error that was returned instead of a page: the server writes it into the document. */
const { status = '', sentence = '' } = document.getElementById('page')!.dataset;

new Page(
  (): TemplateResult =>
    html`<div class="narrow stack">
      <h1>${TITLES[status] ?? 'Something went wrong'}</h1>
      <p class="notice">${sentence}</p>
    </div>`,
);
