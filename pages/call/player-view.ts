import { html, nothing, type TemplateResult } from 'lit';
import type { CallEntry } from './past-call.ts';
import type { Player } from './player.ts';

/** The recording: heard, seen, and what it can be had as. */
export function playerView(entry: CallEntry, player: Player | undefined): TemplateResult {
  if (!player) return html`<p role="status">${whyNot(entry)}</p>`;
  return html`${player.waveform}
  ${player.channels === 0 ? html`<p class="small faint">Its waveform cannot be drawn: it is too long, or its store does not let pages read it.</p>` : nothing}
  ${strip(entry)} ${player.element}
  ${player.trouble ? html`<p class="notice wrong" role="alert">${player.trouble}</p>` : nothing}
  ${legend(entry, player.channels === 2)}`;
}

/** An operator is named where one has spoken. */
function legend({ turns }: CallEntry, stereo: boolean): TemplateResult {
  const operator = turns.some(({ speaker }) => speaker === 'operator');
  return html`<ul class="legend" aria-label="Colours">
    <li class="caller">Caller${stereo ? ' (left)' : ''}</li>
    <li class="assistant">Assistant${stereo ? ' (right)' : ''}</li>
    ${operator ? html`<li class="operator">Operator${stereo ? ' (right)' : ''}</li>` : nothing}
  </ul>`;
}

function whyNot({ state, callSid }: CallEntry): string | TemplateResult {
  if (state === 'live')
    return html`The call is going on. <a href="/calls?call=${callSid}">Open it at the desk</a>.`;
  if (state === 'finishing') return 'The recording is being made …';
  return 'Nothing was recorded of this call.';
}

/** Who speaks when, as a picture; the transcript says the same in words. */
function strip({ turns, durationMs = 0 }: CallEntry): TemplateResult | typeof nothing {
  if (durationMs === 0) return nothing;
  const share = (ms: number): string => `${((ms / durationMs) * 100).toFixed(3)}%`;
  return html`<div class="strip" aria-hidden="true">
    ${turns
      .filter(({ endMs, startMs }) => endMs > startMs)
      .map(
        ({ speaker, startMs, endMs }) =>
          html`<span
            class=${speaker}
            .style=${`left: ${share(startMs)}; width: ${share(endMs - startMs)}`}
          ></span>`,
      )}
  </div>`;
}
