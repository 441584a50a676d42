import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { clock } from '../frame/moments.ts';
import { followEnd } from '../frame/turn-list.ts';
import { levelMeter } from '../sound/level-meter.ts';
import { addressOf, type SavedRecording, transcriptAddressOf } from '../sound/save-recording.ts';
import type { DictationLink, DictationState, WrittenLine } from './dictation.ts';
import { download } from './download.ts';
import type { Recording } from './recording.ts';

/** An utterance may be half a minute long; what waits longer than that is told. */
const BEHIND_MS = 40_000;

/** Of what is missing. */
const MOST_NAMED = 5;

const DICTATION: Readonly<Record<DictationState, string>> = {
  connecting: 'Connecting to the transcription…',
  listening: 'What is said is written down.',
  broken:
    'The connection broke. It is being restored; the recording goes on, and what is missing is made up for.',
  off: 'Nothing is written down.',
  over: '',
};

export function microphoneView(recording: Recording): TemplateResult {
  return html`<h1>Microphone</h1>
    <div class="phone">
      <section class="card stack" aria-label="Recorder">
        <div class="phone-state">
          <p role="status" class="state">${stateOf(recording)}</p>
          <p class="timer number" role="timer" aria-label="Length">${clock(recording.durationMs)}</p>
        </div>
        <div role="alert" class="notice wrong">${recording.trouble ?? nothing}</div>
        ${levelMeter('Microphone level', recording.levelDb)} ${buttons(recording)} ${writeDownBox(recording)}
        ${recording.saved ? savedView(recording.saved) : nothing}
      </section>
      <section class="card stack" aria-label="What is said">
        <h2>What is said</h2>
        ${writtenView(recording)}
      </section>
    </div>
    <p class="below"><a href="/recordings">All recordings</a></p>`;
}

function stateOf({ state }: Recording): string {
  switch (state) {
    case 'idle':
      return 'Ready to record';
    case 'opening':
      return 'Opening the microphone…';
    case 'recording':
      return 'Recording';
    case 'saving':
      return 'Saving…';
    case 'saved':
      return 'Saved';
    case 'unsaved':
      return 'Not saved';
  }
}

function buttons(recording: Recording): TemplateResult {
  const { state } = recording;
  if (state === 'recording')
    return html`<button class="stop big" data-place="record" @click=${() => void recording.stop()}>
      Stop recording
    </button>`;
  return html`<button
      class="go big"
      data-place="record"
      ?disabled=${recording.busy}
      @click=${() => void recording.start()}
    >
      Start recording
    </button>
    ${state === 'unsaved' ? unsavedButtons(recording) : nothing}`;
}

function unsavedButtons(recording: Recording): TemplateResult {
  return html`<div class="row two">
    <button @click=${() => void recording.saveAgain()}>Save again</button>
    <button @click=${() => recording.file && download('recording.wav', recording.file)}>Download</button>
  </div>`;
}

function writeDownBox(recording: Recording): TemplateResult {
  const { state } = recording;
  return html`<label class="row"
    ><input
      type="checkbox"
      .checked=${recording.writeDown}
      ?disabled=${state === 'recording' || state === 'opening'}
      @change=${(event: Event) => (recording.writeDown = (event.target as HTMLInputElement).checked)}
    />Write down what is said</label
  >`;
}

function savedView(saved: SavedRecording): TemplateResult {
  return html`<div class="stack">
    <p class="notice">${saved.name}</p>
    <audio controls preload="metadata" src=${addressOf(saved)} aria-label="Play ${saved.name}"></audio>
    <a class="button" href=${addressOf(saved)} download=${saved.name}>Download</a>
  </div>`;
}

function writtenView(recording: Recording): TemplateResult {
  const { dictation, lines, notice, state } = recording;
  const words = dictation ? writingState(dictation) : '';
  // What has nothing to say takes no room, but stays where screen readers look for it.
  return html`<p role="status" class=${words ? 'faint small' : 'hidden-words'}>${words}</p>
    ${dictation?.finishing ? skipButton(dictation) : nothing}
    ${notice === undefined ? nothing : html`<p class="notice careful">${notice}</p>`}
    <div class="transcript" role="log" aria-label="Transcript" tabindex="0" ${followEnd()}>
      ${
        lines.length === 0
          ? html`<p class="faint">
              ${state === 'recording' ? 'Nothing has been said yet.' : 'Start recording: what is said is written here.'}
            </p>`
          : nothing
      }
      ${repeat(lines, ({ startMs, partial }) => `${startMs} ${String(partial)}`, lineView)}
    </div>
    ${textView(recording)}`;
}

function writingState(dictation: DictationLink): string {
  const { behindMs, finishing, state } = dictation;
  const behind = clock(behindMs);
  if (finishing && state === 'broken')
    return `The connection broke. It is being restored; ${behind} are to be written down still.`;
  if (finishing) return `The rest is being written down: ${behind}.`;
  if (state === 'listening' && behindMs > BEHIND_MS)
    return `What is said is written down; it is ${behind} behind.`;
  return DICTATION[state];
}

function skipButton(dictation: DictationLink): TemplateResult {
  return html`<p><button @click=${() => dictation.skip()}>Skip the rest</button></p>`;
}

/** What can be done with what was written down, once nothing more comes. */
function textView(recording: Recording): TemplateResult | typeof nothing {
  const { dictation, wholeText } = recording;
  if (wholeText === undefined) return nothing;
  const incomplete = dictation !== undefined && dictation.missing.length > 0;
  return html`${incomplete ? missingView(dictation) : nothing} ${keepView(recording, wholeText)}`;
}

function missingView(dictation: DictationLink): TemplateResult {
  const parts = dictation.missing.map(({ startMs, endMs }) => `${clock(startMs)}–${clock(endMs)}`);
  const named = parts.length > MOST_NAMED ? [...parts.slice(0, MOST_NAMED), '…'] : parts;
  return html`<div role="alert" class="notice careful">
      The transcript is incomplete: ${named.join(', ')} ${parts.length === 1 ? 'is' : 'are'} not written down.
    </div>
    <p><button @click=${() => void dictation.retry()}>Write down what is missing</button></p>`;
}

function keepView(recording: Recording, wholeText: string): TemplateResult {
  const { saved } = recording;
  if (saved && recording.textKept)
    return html`<div class="stack">
      <p role="status" class="notice">${saved.transcript} is saved beside the recording.</p>
      <p class="row">
        <a class="button" href=${transcriptAddressOf(saved)} target="_blank">Open transcript</a>
        <a class="button" href=${transcriptAddressOf(saved)} download=${saved.transcript}
          >Download transcript</a
        >
      </p>
    </div>`;
  const text = new Blob([wholeText], { type: 'text/plain' });
  return html`<p>
    ${
      saved
        ? html`<button @click=${() => void recording.keepText()}>Save transcript</button>`
        : html`<button @click=${() => download('recording.txt', text)}>Download transcript</button>`
    }
  </p>`;
}

function lineView({ startMs, endMs, text, partial }: WrittenLine): TemplateResult {
  return html`<div class="turn">
    <time class="number">${clock(startMs)}–${clock(endMs)}</time>
    <div class=${partial ? 'unsure' : ''}>
      ${text} ${partial ? html`<span class="faint small">(still being said)</span>` : nothing}
    </div>
  </div>`;
}
