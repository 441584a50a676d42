import { html, nothing, type TemplateResult } from 'lit';
import type { DeskBell } from './desk-bell.ts';

/** Settings for ringing, and a notice while a call rings. */
export function bellView(bell: DeskBell): TemplateResult {
  const choose = (event: Event): void => bell.ringAloud((event.target as HTMLInputElement).checked);
  const chooseKeys = (event: Event): void => bell.useKeys((event.target as HTMLInputElement).checked);
  return html`<div class="row">
      <label class="row small">
        <input type="checkbox" .checked=${bell.aloud} @change=${choose} />
        Ring aloud
      </label>
      <label class="row small">
        <input type="checkbox" .checked=${bell.keys} @change=${chooseKeys} />
        <span><kbd>A</kbd> answers, <kbd>D</kbd> declines</span>
      </label>
      ${
        bell.mayAsk
          ? html`<button class="plain small" @click=${() => void bell.ask()}>Also notify me</button>`
          : nothing
      }
    </div>
    <p class="hidden-words" aria-live="assertive">${bell.words}</p>
    ${
      bell.silenced
        ? html`<p class="notice careful">
            A call is ringing. Press any key or click here to allow the sound.
          </p>`
        : nothing
    }`;
}
