import { html, type TemplateResult } from 'lit';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const;
/** Names for screen readers. */
const NAMES: Readonly<Record<string, string>> = { '*': 'star', '#': 'hash' };

/** The twelve keys of a telephone. */
export function dialPad(enabled: boolean, press: (digit: string) => void): TemplateResult {
  const key = (digit: string): TemplateResult =>
    html`<button
      aria-label="Keypad ${digit}"
      title=${NAMES[digit] ?? digit}
      ?disabled=${!enabled}
      @click=${() => press(digit)}
    >
      ${digit}
    </button>`;
  return html`<div class="dial-pad" role="group" aria-label="Keypad">${KEYS.map(key)}</div>`;
}

/** Keys of the keyboard press the pad's keys, unless a text field has the focus. */
export function listenToKeys(press: (digit: string) => void): void {
  addEventListener('keydown', (event) => {
    const writes = event.target instanceof Element && event.target.closest('input, textarea, select');
    if (writes || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if ((KEYS as readonly string[]).includes(event.key)) press(event.key);
  });
}
