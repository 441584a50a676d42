import { html, nothing, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import { repeat } from 'lit/directives/repeat.js';
import type { DeskCall } from '../../src/desk/desk-messages.ts';
import type { TranscriptTurn } from '../../src/records/text/transcript.ts';
import { clock } from './moments.ts';
import { noTranscription } from './no-transcription.ts';
import { lacksTranscription } from './server-status.ts';
import { timingBar } from './timing-bar.ts';

const NAMES = { caller: 'Caller', assistant: 'Assistant', operator: 'Operator' } as const;
/** A user who has scrolled up further than this is reading there. */
const NEAR_END_PX = 80;

/**
 * A growing transcript: keeps the newest line in view and marks uncertain text. `live`: the call, if it is a live one. While the
 * assistant speaks, unheard words of its last turn may still be heard; the words of a caller who speaks may still change.
 */
export function turnList(
  turns: readonly TranscriptTurn[],
  empty: string,
  live: Pick<DeskCall, 'state' | 'partialText'> | undefined,
): TemplateResult {
  const state = live?.state;
  const going =
    state === 'speaking' || state === 'greeting'
      ? turns.findLast(({ speaker }) => speaker === 'assistant')?.id
      : undefined;
  return html`<div class="transcript" role="log" aria-label="Transcript" tabindex="0" ${followEnd()}>
    ${turns.length === 0 ? html`<p class="faint">${empty}</p>` : nothing}
    ${repeat(
      turns.filter(({ text, unheard }) => text !== '' || unheard !== undefined),
      ({ id }) => id,
      (turn) => turnLine(turn, turn.id === going),
    )}
    ${partialLine(live?.partialText)} ${noTranscription(turns)}
  </div>`;
}

/** What the caller is saying. Not announced: it changes several times a second. */
function partialLine(text: string | undefined): TemplateResult | typeof nothing {
  if (text === undefined) return nothing;
  return html`<div class="turn caller" aria-live="off">
    <span class="who">${speakerName('caller')}</span>
    <div class="unsure" dir="auto">${text} …</div>
  </div>`;
}

/** `going`: the turn is being spoken. */
function turnLine(turn: TranscriptTurn, going = false): TemplateResult {
  return html`<div class="turn ${turn.speaker}">
    <span class="who">${speakerName(turn.speaker)}</span> <time class="number">${clock(turn.startMs)}</time>
    ${turnWords(turn, going)} ${timingBar(turn.timing)}
  </div>`;
}

/** The heard text of a turn, without struck-through words; marks uncertain text. */
export function turnWords(turn: TranscriptTurn, going = false): TemplateResult {
  const { text, unheard, pending, evidence } = turn;
  const isWaiting = pending !== false && !lacksTranscription();
  const words = text ?? (isWaiting ? '…' : '[not transcribed]');
  const unsure = text === undefined || evidence === 'estimated';
  return html`<div class=${unsure ? 'unsure' : ''} dir="auto">
    ${words} ${unheard === undefined ? nothing : restOf(unheard, going)}
    ${unsure ? html`<span class="faint small">${uncertainty(turn)}</span>` : nothing}
  </div>`;
}

export function speakerName(speaker: TranscriptTurn['speaker']): string {
  return NAMES[speaker];
}

function restOf(unheard: string, going: boolean): TemplateResult {
  if (going) return html`<bdi class="faint">${unheard}</bdi>`;
  return html`<s><span class="hidden-words">not heard:</span> <bdi>${unheard}</bdi></s>`;
}

function uncertainty({ text, pending }: TranscriptTurn): string {
  if (text !== undefined) return '(heard by estimate)';
  return pending === false || lacksTranscription() ? '' : '(being transcribed)';
}

/** Keeps the newest line of a list in view. A new function each time, because lit calls it only when it has changed. */
export function followEnd(): ReturnType<typeof ref> {
  return ref((element) => keepAtEnd(element));
}

const LAST_HEIGHT = new WeakMap<Element, number>();

function keepAtEnd(element: Element | undefined): void {
  if (!element) return;
  const before = LAST_HEIGHT.get(element) ?? 0;
  const wasAtEnd = element.scrollTop + element.clientHeight >= before - NEAR_END_PX;
  // The lines are rendered after the list itself.
  requestAnimationFrame(() => {
    if (wasAtEnd) element.scrollTop = element.scrollHeight;
    LAST_HEIGHT.set(element, element.scrollHeight);
  });
}
