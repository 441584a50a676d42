import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';
import type { DeskCall } from '../../src/desk/desk-messages.ts';
import { clock } from '../frame/moments.ts';
import { speakerName } from '../frame/turn-list.ts';
import { STATE_WORDS } from './call-states.ts';
import { rings } from './desk-bell.ts';

export interface LiveListParts {
  readonly calls: readonly DeskCall[];
  /** Undefined until the server has sent them. */
  readonly formats: readonly string[];
  readonly opened: string | undefined;
  readonly open: (callSid: string) => void;
  readonly setFormat: (callSid: string, format: DeskCall['format']) => void;
  readonly answer: (callSid: string) => void;
  readonly decline: (callSid: string) => void;
  /** Whether keys answer and decline the call that has rung longest. */
  readonly keys: boolean;
  /** Why an action on the card of a call was refused. */
  readonly problems: ReadonlyMap<string, string>;
}

/** The live calls. Only cards that have changed are rendered again: there may be hundreds. */
export function liveList(parts: LiveListParts): TemplateResult {
  if (parts.calls.length === 0) return html`<p class="faint">No live calls.</p>`;
  const { opened, formats, keys, problems } = parts;
  const nowMs = Date.now();
  return html`<ul class="plain-list" aria-label="Live calls">
    ${repeat(
      parts.calls,
      ({ callSid }) => callSid,
      (call) => {
        const { callSid, startedAt } = call;
        const seconds = Math.floor((nowMs - Date.parse(startedAt)) / 1_000);
        const shown = [call, seconds, callSid === opened, formats, keys, problems.get(callSid)];
        return guard(shown, () => liveCall(call, seconds, parts));
      },
    )}
  </ul>`;
}

function liveCall(call: DeskCall, seconds: number, parts: LiveListParts): TemplateResult {
  const { opened, open, formats, setFormat, problems } = parts;
  const isOpen = call.callSid === opened;
  const choose = (event: Event): void =>
    setFormat(call.callSid, (event.target as HTMLSelectElement).value as DeskCall['format']);
  return html`<li class="live ${isOpen ? 'open' : ''} ${rings(call) ? 'rings' : ''}">
    <div class="row">
      <bdi class="who-calls">${call.from}</bdi>
      <span class="number faint">${clock(seconds * 1_000)}</span>
    </div>
    <div class="row">
      <span>
        <span class="state ${call.state}" role="status" aria-label="State of the call">
          ${call.declined ? 'Declined by you, still ringing' : STATE_WORDS[call.state]}
        </span>
        ${call.operator ? html`<span class="small">${holderWords(call.operator)}</span>` : nothing}
      </span>
      <span class="small faint">to <bdi>${call.to}</bdi></span>
    </div>
    ${latestWords(call)} ${rings(call) ? answerButtons(call, parts) : nothing}
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
    <div class="notice wrong" role="alert">${problems.get(call.callSid) ?? nothing}</div>
  </li>`;
}

/** What is being said, or was said last. */
function latestWords({ partialText, lastWords }: DeskCall): TemplateResult | typeof nothing {
  const latest =
    partialText === undefined ? lastWords : { speaker: 'caller' as const, text: `${partialText} …` };
  if (latest === undefined) return nothing;
  return html`<p class="words">
    <span class="faint">${speakerName(latest.speaker)}:</span>
    <bdi class=${partialText === undefined ? '' : 'unsure'}>${latest.text}</bdi>
  </p>`;
}

/** Large, because a call rings for seconds. */
function answerButtons(
  { callSid, from }: DeskCall,
  { answer, decline, keys }: LiveListParts,
): TemplateResult {
  return html`<div class="row two">
    <button
      class="go big"
      data-place="answer-${callSid}"
      aria-keyshortcuts=${keys ? 'A' : nothing}
      @click=${() => answer(callSid)}
    >
      Answer<span class="hidden-words"> the call from ${from}</span>
    </button>
    <button
      class="stop big"
      data-place="answer-${callSid}"
      aria-keyshortcuts=${keys ? 'D' : nothing}
      @click=${() => decline(callSid)}
    >
      Decline<span class="hidden-words"> the call from ${from}</span>
    </button>
  </div>`;
}

export function holderWords(operator: NonNullable<DeskCall['operator']>): string {
  return operator === 'you' ? 'held by you' : 'held by another operator';
}
