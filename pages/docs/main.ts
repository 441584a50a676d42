import { html, render, type TemplateResult } from 'lit';
import { askServer, sentenceFor } from '../frame/ask-server.ts';
import { showHead } from '../frame/head.ts';
import { at } from '../frame/root.ts';
import { type AsyncApi, socketsView } from './sockets-view.ts';
import { showRoutes } from './swagger-ui.ts';

showHead();
render(view(), document.getElementById('page')!);
const routes = document.getElementById('routes')!;
const sockets = document.getElementById('sockets')!;

void showRoutes(routes).catch((error: unknown) => showProblem(routes, error));
askServer<AsyncApi>('/asyncapi.json').then(
  (description) => render(socketsView(description), sockets),
  (error: unknown) => showProblem(sockets, error),
);

function view(): TemplateResult {
  return html`<h1>Docs</h1>
    <p>
      Every route, with a form that sends a real request.
      <a href=${at('/redoc')}>Reference to read</a> · <a href=${at('/openapi.json')}>OpenAPI 3.1</a> ·
      <a href=${at('/asyncapi.json')}>AsyncAPI 3.0</a> · <a href="#websockets">WebSockets</a>
    </p>
    <div id="routes"></div>
    <section class="card stack" aria-labelledby="websockets">
      <h2 id="websockets">WebSockets</h2>
      <p>Each message is a JSON text.</p>
      <div id="sockets"></div>
    </section>`;
}

function showProblem(container: HTMLElement, error: unknown): void {
  render(html`<p role="alert" class="notice wrong">${sentenceFor(error)}</p>`, container);
}
