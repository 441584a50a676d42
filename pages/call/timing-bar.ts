import { html, nothing, type TemplateResult } from 'lit';
import { styleMap } from 'lit/directives/style-map.js';
import type { TurnTiming } from '../../src/records/reconstructed-call.ts';

/** The steps from the caller's last word to the first sound of the reply. A step that ended during another one takes no time. */
const STEPS = [
  { name: 'turn over', until: 'decidedMs', colour: '--faint' },
  { name: 'text', until: 'textMs', colour: '--caller' },
  { name: 'reply', until: 'tokenMs', colour: '--assistant' },
  { name: 'voice', until: 'audioMs', colour: '--go' },
  { name: 'sent', until: 'sentMs', colour: '--operator' },
  { name: 'heard', until: 'heardMs', colour: '--accent' },
] as const;
/** A bar of full width. */
const FULL_MS = 3_000;

/** How long the caller waited for the reply to a turn, and for what; nothing if no reply was heard. */
export function timingBar(timing: TurnTiming | undefined): TemplateResult | typeof nothing {
  const { heardMs } = timing ?? {};
  if (timing === undefined || heardMs === undefined) return nothing;
  const parts = STEPS.flatMap(({ name, until, colour }) => {
    const atMs = timing[until];
    return atMs === undefined ? [] : [{ name, atMs, colour }];
  });
  const words = parts.map(({ name, atMs }) => `${name} ${seconds(atMs)}`).join(', ');
  let reachedMs = 0;
  return html`<div class="timing" title=${words}>
    <span class="timing-bar" role="img" aria-label="After the last word: ${words}">
      ${parts.map(({ atMs, colour }) => {
        const widthMs = Math.max(0, atMs - reachedMs);
        reachedMs += widthMs;
        const width = `${(100 * widthMs) / Math.max(FULL_MS, heardMs)}%`;
        return html`<span style=${styleMap({ width, background: `var(${colour})` })}></span>`;
      })}
    </span>
    <span class="small faint number">reply after ${seconds(heardMs)}</span>
  </div>`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
