import { html, nothing, type TemplateResult } from 'lit';
import type { DeskCall } from '../../src/desk/desk-messages.ts';
import { clock } from '../frame/moments.ts';
import { finishingView } from '../frame/finishing-view.ts';
import { turnList } from '../frame/turn-list.ts';
import { levelMeter } from '../sound/level-meter.ts';
import { dialPad } from './dial-pad.ts';
import type { Phone } from './phone.ts';
import type { Roughness } from './rough-network.ts';
import { soundTestView } from '../sound/sound-test-view.ts';

const STATES: Readonly<Record<DeskCall['state'], string>> = {
  ringing: 'Ringing',
  greeting: 'The assistant greets you',
  listening: 'Listening to you',
  thinking: 'Thinking',
  speaking: 'The assistant is speaking',
  operator: 'You are talking to a person',
  ending: 'The call is ending',
  between: 'Reconnecting the line',
};

export function phoneView(phone: Phone): TemplateResult {
  return html`<h1>Phone</h1>
    <div class="phone">
      <section class="card stack" aria-label="Telephone">
        <div class="phone-state">
          <p role="status" class="state">${stateOf(phone)}</p>
          <p class="timer number" role="timer" aria-label="Call time">${clock(phone.elapsedMs)}</p>
        </div>
        ${notices(phone)} ${levelMeter('Microphone level', phone.levelDb)}
        ${dialPad(phone.state === 'in-call', (digit) => phone.press(digit))} ${callButtons(phone)}
      </section>
      <section class="card stack" aria-label="What is said">
        <h2>Transcript</h2>
        <div role="status" class="notice careful">${phone.transcriptTrouble ?? nothing}</div>
        ${turnList(phone.turns, emptyWords(phone), phone.call)} ${afterwards(phone)}
      </section>
      <section class="card stack" aria-labelledby="sound-test">
        <h2 id="sound-test">Can you be heard?</h2>
        ${soundTestView(phone.soundTest, phone.state === 'idle')}
      </section>
      <section class="card stack">${roughnessView(phone)}</section>
    </div>`;
}

function stateOf(phone: Phone): string {
  switch (phone.state) {
    case 'idle':
      return phone.lastCallSid === undefined ? 'Ready to call' : 'The call has ended';
    case 'dialling':
      return 'Calling…';
    case 'in-call':
      return `${phone.call ? STATES[phone.call.state] : 'Connected'}${phone.muted ? ' · you are muted' : ''}`;
  }
}

function notices({ problem }: Phone): TemplateResult {
  return html`<div role="alert" class="notice wrong">${problem ?? nothing}</div>`;
}

function callButtons(phone: Phone): TemplateResult {
  const { state, muted } = phone;
  if (state === 'idle')
    return html`<button class="go big" data-place="call" @click=${() => void phone.dial()}>Call</button>`;
  return html`<div class="row two">
    <button
      ?disabled=${state !== 'in-call'}
      aria-pressed=${muted ? 'true' : 'false'}
      @click=${() => phone.mute(!muted)}
    >
      Mute
    </button>
    <button class="stop" data-place="call" ?disabled=${state !== 'in-call'} @click=${() => phone.hangUp()}>
      Hang up
    </button>
  </div>`;
}

function emptyWords({ state }: Phone): string {
  return state === 'idle'
    ? 'Press Call: the transcript of both sides appears here.'
    : 'Nothing has been said yet.';
}

function afterwards({ state, lastCallSid, finishing }: Phone): TemplateResult | typeof nothing {
  if (state !== 'idle' || lastCallSid === undefined) return nothing;
  return finishingView(lastCallSid, finishing);
}

const ROUGH = [
  { name: 'delayMs', label: 'Delay', most: 500, step: 10, unit: 'ms' },
  { name: 'jitterMs', label: 'Jitter', most: 300, step: 10, unit: 'ms' },
  { name: 'lossPercent', label: 'Loss', most: 20, step: 1, unit: '%' },
] as const;

function roughnessView(phone: Phone): TemplateResult {
  const { roughness } = phone;
  const set = (name: keyof Roughness, event: Event): void =>
    phone.makeRough({ ...roughness, [name]: Number((event.target as HTMLInputElement).value) });
  return html`<details>
    <summary>A bad network, for testing</summary>
    <p class="faint small">Delay and jitter apply to both directions; loss applies to your microphone.</p>
    ${ROUGH.map(
      ({ name, label, most, step, unit }) =>
        html`<div class="field">
          <label for=${name}>${label}: <span class="number">${roughness[name]} ${unit}</span></label>
          <input
            id=${name}
            type="range"
            min="0"
            max=${most}
            step=${step}
            .value=${String(roughness[name])}
            @input=${(event: Event) => set(name, event)}
          />
        </div>`,
    )}
  </details>`;
}
