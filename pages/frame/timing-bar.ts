import { html, nothing, svg, type TemplateResult } from 'lit';
import type { TurnTiming } from '../../src/records/reconstructed-call.ts';

/** The steps from the caller's last word to the first sound of the reply. A step that ended during another one takes no time. */
const STEPS = [
  { name: 'turn over', until: 'decidedMs', step: 'over' },
  { name: 'text', until: 'textMs', step: 'text' },
  { name: 'reply', until: 'tokenMs', step: 'reply' },
  { name: 'voice', until: 'audioMs', step: 'voice' },
  { name: 'sent', until: 'sentMs', step: 'sent' },
  { name: 'heard', until: 'heardMs', step: 'heard' },
] as const;
/** A bar of full width. */
const FULL_MS = 3_000;

/** How long the caller waited for the reply to a turn, and for what; nothing if no reply was heard. */
export function timingBar(timing: TurnTiming | undefined): TemplateResult | typeof nothing {
  const { heardMs } = timing ?? {};
  if (timing === undefined || heardMs === undefined) return nothing;
  const parts = STEPS.flatMap(({ name, until, step }) => {
    const atMs = timing[until];
    return atMs === undefined ? [] : [{ name, atMs, step }];
  });
  const words = parts.map(({ name, atMs }) => `${name} ${seconds(atMs)}`).join(', ');
  let reachedMs = 0;
  return html`<div class="timing" title=${words}>
    <svg
      class="timing-bar"
      role="img"
      aria-label="After the last word: ${words}"
      viewBox="0 0 ${Math.max(FULL_MS, heardMs)} 1"
      preserveAspectRatio="none"
    >
      ${parts.map(({ atMs, step }) => {
        const fromMs = reachedMs;
        reachedMs = Math.max(reachedMs, atMs);
        return svg`<rect class="step ${step}" x=${fromMs} width=${reachedMs - fromMs} height="1"></rect>`;
      })}
    </svg>
    <span class="small faint number">reply after ${seconds(heardMs)}</span>
  </div>`;
}

/** What the colours of the bars mean. */
export function timingLegend(): TemplateResult {
  return html`<div class="small">
    <p class="faint">From the caller’s last word to the reply:</p>
    <ul class="legend" aria-label="Colours of the bars">
      ${STEPS.map(({ name, step }) => html`<li class="step ${step}">${name}</li>`)}
    </ul>
  </div>`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
