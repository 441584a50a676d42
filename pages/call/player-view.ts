import { html, nothing, type TemplateResult } from 'lit';
import type { CallEntry } from './past-call.ts';
import type { Player } from './player.ts';
import { at } from '../frame/root.ts';

/** The recording: player, waveform, and downloads. */
export function playerView(entry: CallEntry, player: Player | undefined): TemplateResult {
  if (!player) return html`<p role="status">${whyNot(entry)}</p>`;
  return html`${player.waveform}
  ${player.channels === 0 ? html`<p class="small faint">No waveform: the recording is too long, or its store does not allow pages to read it.</p>` : nothing}
  ${strip(entry)} ${player.element}
  ${player.problem ? html`<p class="notice wrong" role="alert">${player.problem}</p>` : nothing}
  ${legend(entry, player.channels === 2)}`;
}

/** The operator is listed if one has spoken. */
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
    return html`The call is live. <a href=${at(`/calls?call=${callSid}`)}>Open it at the desk</a>.`;
  if (state === 'finishing') return 'The recording is being made …';
  return 'This call has no recording.';
}

/** A picture of who speaks when; the transcript contains the same information. */
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
