import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { TranscriptTurn } from '../../src/records/text/transcript.ts';
import { clock } from '../frame/moments.ts';
import { noTranscription } from '../frame/no-transcription.ts';
import { lacksTranscription } from '../frame/server-status.ts';
import { speakerName, turnWords } from '../frame/turn-list.ts';
import type { PastCall } from './past-call.ts';
import type { Player } from './player.ts';
import { timingBar, timingLegend } from '../frame/timing-bar.ts';

/** The transcript: highlights the lines that are playing; each line seeks the recording to its position. */
export function linesView(
  { entry, timings, timingsMissing }: PastCall,
  player: Player | undefined,
  target: string | null,
): TemplateResult {
  const { turns = [], pending } = entry ?? {};
  const playing = player?.playing(turns) ?? new Set();
  const line = (turn: TranscriptTurn): TemplateResult =>
    lineOf(turn, playing.has(turn.id), turn.id === target, player, timingBar(timings.get(turn.id)));
  const isFetching = (pending ?? 0) > 0 && !lacksTranscription();
  return html`${isFetching ? html`<p class="small faint">Texts still being fetched: ${pending}.</p>` : nothing}
    ${
      timingsMissing
        ? html`<p class="small faint">The times of the replies could not be loaded: ${timingsMissing}</p>`
        : nothing
    }
    ${noTranscription(turns)}
    <div class="transcript lines" role="log" aria-label="Transcript" tabindex="0">
      ${turns.length === 0 ? html`<p class="faint">Nothing was said.</p>` : repeat(turns, ({ id }) => id, line)}
    </div>
    ${timings.size > 0 ? timingLegend() : nothing}`;
}

function lineOf(
  turn: TranscriptTurn,
  playing: boolean,
  target: boolean,
  player: Player | undefined,
  bar: TemplateResult | typeof nothing,
): TemplateResult {
  const { id, speaker, startMs } = turn;
  const heard = turn.text !== '';
  const play = (): void => void player?.playFrom(startMs);
  const who = speakerName(speaker);
  return html`<div
    id="line-${id}"
    class="turn ${speaker} ${player && heard ? 'line' : ''} ${playing ? 'playing' : ''} ${target ? 'target' : ''}"
    aria-current=${playing ? 'true' : nothing}
    @click=${player && heard ? play : nothing}
  >
    <span class="who">${who}</span>
    ${
      player && heard
        ? html`<button class="plain time" aria-label="Play from ${clock(startMs)}, ${who}">
            ${clock(startMs)}
          </button>`
        : html`<time class="number">${heard ? clock(startMs) : 'not heard'}</time>`
    }
    ${turnWords(turn)} ${bar}
  </div>`;
}
