import { html, type TemplateResult } from 'lit';

interface Message {
  readonly name: string;
  readonly summary?: string;
  readonly payload: object;
}

interface Channel {
  readonly address: string;
  readonly summary: string;
  /** By direction and type: `fromClient-watch`. */
  readonly messages: Readonly<Record<string, Message>>;
}

/** `GET /asyncapi.json`. */
export interface AsyncApi {
  readonly channels: Readonly<Record<string, Channel>>;
}

/** The WebSockets with their messages in both directions. */
export function socketsView({ channels }: AsyncApi): TemplateResult {
  return html`<div class="stack">${Object.values(channels).map(channelView)}</div>`;
}

function channelView({ address, summary, messages }: Channel): TemplateResult {
  const ofSide = (side: string): TemplateResult[] =>
    Object.entries(messages)
      .filter(([key]) => key.startsWith(side))
      .map(([, message]) => messageView(message));
  return html`<details class="channel">
    <summary><code>${address}</code> <span class="what">${withCode(summary)}</span></summary>
    <div class="stack">
      <h3>To the server</h3>
      ${ofSide('fromClient')}
      <h3>From the server</h3>
      ${ofSide('fromServer')}
    </div>
  </details>`;
}

function messageView({ name, summary = '', payload }: Message): TemplateResult {
  return html`<details class="message">
    <summary><code>${name}</code> <span class="what">${withCode(summary)}</span></summary>
    <pre tabindex="0" aria-label="Schema of ${name}">${JSON.stringify(payload, null, 2)}</pre>
  </details>`;
}

/** Text between backticks is code. */
function withCode(text: string): (string | TemplateResult)[] {
  return text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part));
}
