import { html, type TemplateResult } from 'lit';
import type { SocketDescription } from '../../src/app/openapi/socket-descriptions.ts';
import type { Description } from './description.ts';
import { schemaView, withCode } from './schema-view.ts';

/** The messages of the WebSockets, in both directions. */
export function socketsView({ 'x-websockets': sockets }: Description): TemplateResult {
  return html`<section class="card stack" aria-labelledby="websockets">
    <h2 id="websockets">WebSockets</h2>
    <p>Each message is a JSON text.</p>
    ${Object.entries(sockets).map(([path, socket]) => socketView(path, socket))}
  </section>`;
}

function socketView(path: string, { summary, fromClient, fromServer }: SocketDescription): TemplateResult {
  return html`<details class="operation">
    <summary>
      <span class="method">WS</span> <code>${path}</code> <span class="what">${withCode(summary)}</span>
    </summary>
    <div class="stack">
      <h3>To the server</h3>
      ${messages(fromClient)}
      <h3>From the server</h3>
      ${messages(fromServer)}
    </div>
  </details>`;
}

function messages(said: SocketDescription['fromClient']): TemplateResult {
  return 'words' in said ? html`<p>${withCode(said.words)}</p>` : schemaView(said.schema);
}
