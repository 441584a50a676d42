import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { DeskCall } from '../../src/desk/desk-messages.ts';
import { clock } from '../frame/moments.ts';
import { speakerName } from '../frame/turn-list.ts';
import { STATE_WORDS } from './call-states.ts';

export interface LiveListParts {
  readonly calls: readonly DeskCall[];
  /** Undefined until the server has sent them. */
  readonly formats: readonly string[];
  readonly opened: string | undefined;
  readonly open: (callSid: string) => void;
  readonly setFormat: (callSid: string, format: DeskCall['format']) => void;
}

/** The live calls. */
export function liveList(parts: LiveListParts): TemplateResult {
  if (parts.calls.length === 0) return html`<p class="faint">No live calls.</p>`;
  return html`<ul class="plain-list" aria-label="Live calls">
    ${repeat(
      parts.calls,
      ({ callSid }) => callSid,
      (call) => liveCall(call, parts),
    )}
  </ul>`;
}

function liveCall(call: DeskCall, { opened, open, formats, setFormat }: LiveListParts): TemplateResult {
  const isOpen = call.callSid === opened;
  const choose = (event: Event): void =>
    setFormat(call.callSid, (event.target as HTMLSelectElement).value as DeskCall['format']);
  return html`<li class="live ${isOpen ? 'open' : ''}">
    <div class="row">
      <bdi class="who-calls">${call.from}</bdi>
      <span class="number faint">${clock(Date.now() - Date.parse(call.startedAt))}</span>
    </div>
    <div class="row">
      <span>
        <span class="state ${call.state}" role="status" aria-label="State of the call">
          ${STATE_WORDS[call.state]}
        </span>
        ${call.operator ? html`<span class="small">${holderWords(call.operator)}</span>` : nothing}
      </span>
      <span class="small faint">to <bdi>${call.to}</bdi></span>
    </div>
    ${
      call.lastWords
        ? html`<p class="words">
            <span class="faint">${speakerName(call.lastWords.speaker)}:</span>
            <bdi>${call.lastWords.text}</bdi>
          </p>`
        : nothing
    }
    <div class="row">
      <label class="row small">
        Format
        <select aria-label="Format of the recording of ${call.from}" .value=${call.format} @change=${choose}>
          ${formats.map(
            (format) => html`<option value=${format} ?selected=${format === call.format}>${format}</option>`,
          )}
        </select>
      </label>
      <button aria-pressed=${isOpen} @click=${() => open(call.callSid)}>Open</button>
    </div>
  </li>`;
}

export function holderWords(operator: NonNullable<DeskCall['operator']>): string {
  return operator === 'you' ? 'held by you' : 'held by another operator';
}
