import { html, nothing, type TemplateResult } from 'lit';
import type { DeskCall } from '../../src/desk/desk-messages.ts';
import type { TranscriptTurn } from '../../src/records/text/transcript.ts';
import { finishingView } from '../frame/finishing-view.ts';
import { turnList } from '../frame/turn-list.ts';
import { levelMeter } from '../sound/level-meter.ts';
import { STATE_WORDS } from './call-states.ts';
import { holderWords } from './live-list.ts';
import type { OpenCall } from './open-call.ts';

export interface OpenCallParts {
  readonly opened: OpenCall;
  /** Whether the connection to the desk is open. */
  readonly connected: boolean;
  readonly turns: readonly TranscriptTurn[];
  readonly close: () => void;
}

/** The open call at the desk: its transcript and the possible actions. */
export function openCallView(parts: OpenCallParts): TemplateResult {
  const { opened, connected, turns, close } = parts;
  const { call, over, problem } = opened;
  return html`<section class="card stack" aria-labelledby="opened">
    <div class="row apart">
      <h2 id="opened" tabindex="-1">${call ? html`Call from <bdi>${call.from}</bdi>` : 'Call'}</h2>
      <button class="plain" @click=${close}>Close</button>
    </div>
    <p role="status" aria-label="State of the open call">${stateWords(call, over)}</p>
    ${over ? finishingView(opened.callSid, opened.finishing) : controls(opened, call, connected)}
    <div class="notice wrong" role="alert" ?hidden=${!problem}>${problem}</div>
    ${over ? nothing : waitingWords(call, connected)}
    ${turnList(turns, 'Nothing has been said yet.', over ? undefined : call)}
    ${!over && call?.assisted ? guidance(opened, connected) : nothing}
  </section>`;
}

function stateWords(call: DeskCall | undefined, over: boolean): string {
  if (over) return 'The call has ended.';
  if (!call) return 'There is no such call now.';
  return `${STATE_WORDS[call.state]}${call.operator ? `, ${holderWords(call.operator)}` : ''}`;
}

/** The reason why some actions are unavailable. */
function waitingWords(call: DeskCall | undefined, connected: boolean): TemplateResult | typeof nothing {
  const words = !call ? undefined : connected ? WAITING[call.state] : NOT_CONNECTED;
  const ringing = call?.state === 'ringing' && call.bell;
  return words === undefined || ringing ? nothing : html`<p class="notice careful">${words}</p>`;
}

const NOT_CONNECTED = 'The desk is not connected: nothing can be done to the call until it is.';
const WAITING: Partial<Readonly<Record<DeskCall['state'], string>>> = {
  ringing: 'The call is announced; you can take it over as soon as it is connected.',
  between:
    'The line to the caller is lost. It may reconnect within a few seconds; until then neither side can hear the other. Hang up to end the call now.',
  ending: 'The call is being ended.',
};

function controls(
  opened: OpenCall,
  call: DeskCall | undefined,
  connected: boolean,
): TemplateResult | typeof nothing {
  if (!call) return nothing;
  const { state, operator } = call;
  const out = !connected || operator === 'another' || state === 'ending';
  const announced = state === 'ringing' && !call.bell;
  const mine = opened.speaking;
  return html`<div class="row">
      <button
        data-place="listen"
        aria-pressed=${opened.listening}
        @click=${() => opened.listen(!opened.listening)}
      >
        Listen
      </button>
      ${
        operator === 'you'
          ? html`<button class="main" data-place="hold" ?disabled=${out} @click=${() => opened.handBack()}>
              Hand back
            </button>`
          : nothing
      }
      ${
        mine
          ? html`<button aria-pressed=${opened.muted} @click=${() => opened.mute(!opened.muted)}>
              Mute
            </button>`
          : html`<button
              class="go"
              data-place="hold"
              ?disabled=${out || announced || opened.opening || state === 'between'}
              @click=${() => void opened.takeOver()}
            >
              Take over
            </button>`
      }
      <button class="stop" data-place="end" ?disabled=${out || announced} @click=${() => opened.hangUp()}>
        Hang up
      </button>
    </div>
    ${opened.listening ? meter('Sound of the call', opened.heard.nowDb()) : nothing}
    ${mine ? meter('Your microphone', opened.spoken.nowDb()) : nothing}
    ${opened.listening && !mine ? html`<p class="small faint">Your microphone is muted.</p>` : nothing}`;
}

function meter(name: string, db: number): TemplateResult {
  return html`<div><span class="small faint">${name}</span> ${levelMeter(name, db)}</div>`;
}

function guidance(opened: OpenCall, connected: boolean): TemplateResult {
  const send = (event: Event): void => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const field = form.elements.namedItem('guidance') as HTMLInputElement;
    if (field.value.trim() === '') return;
    opened.guide(field.value.trim());
    form.reset();
  };
  return html`<form class="field" @submit=${send}>
    <label for="guidance">Tell the assistant</label>
    <div class="guide">
      <input
        id="guidance"
        dir="auto"
        name="guidance"
        maxlength="2000"
        autocomplete="off"
        aria-describedby="guidance-means"
      />
      <button data-place="send" ?disabled=${!connected}>Send</button>
    </div>
    <p id="guidance-means" class="small faint">
      The assistant follows this in its next reply. The model may read it out: write nothing that the caller
      must not hear.
    </p>
    <div class="notice wrong" role="alert">${opened.guideProblem || nothing}</div>
    ${
      opened.told.length > 0
        ? html`<p class="small">Sent to the assistant:</p>
            <ul class="told-list" aria-label="Sent to the assistant" aria-live="polite">
              ${opened.told.map((text) => html`<li dir="auto">${text}</li>`)}
            </ul>`
        : nothing
    }
  </form>`;
}
