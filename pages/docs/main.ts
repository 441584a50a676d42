import { html, nothing, type TemplateResult } from 'lit';
import { askServer, sentenceFor } from '../frame/ask-server.ts';
import { Page } from '../frame/page.ts';
import { type Description, type Operation, operationId, operationsByTag } from './description.ts';
import { operationView } from './operation-view.ts';
import { withCode } from './schema-view.ts';
import { type AsyncApi, socketsView } from './sockets-view.ts';
import { Trial } from './trial.ts';
import { at } from '../frame/root.ts';

/** The open routes, each with a form to try it out. */
const trials = new Map<string, Trial>();
let description: Description | undefined;
let sockets: AsyncApi | undefined;
let problem = '';

const page = new Page(view);
Promise.all([askServer<Description>('/openapi.json'), askServer<AsyncApi>('/asyncapi.json')]).then(
  ([answer, asyncApi]) => {
    sockets = asyncApi;
    description = answer;
    openAsked(answer);
    page.draw();
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  },
  (error: unknown) => {
    problem = sentenceFor(error);
    page.redraw();
  },
);

/** The route named by the fragment of the page address. */
function openAsked(answer: Description): void {
  for (const operation of [...operationsByTag(answer).values()].flat())
    if (location.hash === `#${operationId(operation)}`) toggle(operation, true);
}

function toggle(operation: Operation, open: boolean): void {
  const id = operationId(operation);
  if (open === trials.has(id)) return;
  if (open) trials.set(id, new Trial(operation, page.redraw));
  else trials.delete(id);
  page.redraw();
}

function view(): TemplateResult {
  return html`<h1>Docs</h1>
    ${description ? described(description) : html`<p role="status">${problem || 'Loading …'}</p>`}`;
}

function described(of: Description): TemplateResult {
  return html`<p>${withCode(of.info.description)} <a href=${at('/openapi.json')}>As OpenAPI 3.1</a></p>
    <div class="stack">
      ${[...operationsByTag(of)].map(([tag, operations]) => group(tag, operations))}
      ${sockets ? socketsView(sockets) : nothing}
    </div>`;
}

function group(tag: string, operations: readonly Operation[]): TemplateResult {
  const id = `tag-${tag.toLowerCase()}`;
  return html`<section class="card stack" aria-labelledby=${id}>
    <h2 id=${id}>${tag}</h2>
    ${operations.map((operation) =>
      operationView(operation, trials.get(operationId(operation)), (open) => toggle(operation, open)),
    )}
  </section>`;
}
