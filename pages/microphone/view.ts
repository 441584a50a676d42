import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { clock } from '../frame/moments.ts';
import { followEnd } from '../frame/turn-list.ts';
import { levelMeter } from '../sound/level-meter.ts';
import { addressOf, type SavedRecording, transcriptAddressOf } from '../sound/save-recording.ts';
import type { DictationLink, DictationState, WrittenLine } from './dictation.ts';
import { download } from './download.ts';
import type { Recording } from './recording.ts';
import { at } from '../frame/root.ts';
import { recordingListView } from '../recordings/recording-list-view.ts';
import type { RecordingList } from '../recordings/recording-list.ts';

/** An utterance may be half a minute long; a longer backlog is shown. */
const BEHIND_MS = 40_000;

/** The maximum number of missing parts that are listed. */
const MOST_NAMED = 5;

const DICTATION: Readonly<Record<DictationState, string>> = {
  connecting: 'Connecting to the transcription…',
  listening: 'Live transcription is on.',
  broken:
    'The connection broke. Reconnecting; the recording continues, and missing parts are transcribed later.',
  off: 'Transcription is off.',
  over: '',
};

/** The list of recordings below the recorder, shown on request. */
export interface RecordingsBelow {
  readonly list: RecordingList;
  readonly open: boolean;
  readonly toggle: () => void;
}

export function microphoneView(recording: Recording, below: RecordingsBelow): TemplateResult {
  return html`<h1>Microphone</h1>
    <div class="phone">
      <section class="card stack" aria-label="Recorder">
        <div class="phone-state">
          <p role="status" class="state">${stateOf(recording)}</p>
          <p class="timer number" role="timer" aria-label="Length">${clock(recording.durationMs)}</p>
        </div>
        ${levelMeter('Microphone level', recording.levelDb)} ${buttons(recording)}
        <div role="alert" class="notice wrong">${recording.problem ?? nothing}</div>
        ${writeDownBox(recording)} ${chunkChoice(recording)}
        ${recording.saved ? savedView(recording.saved) : nothing}
      </section>
      <section class="card stack" aria-label="What is said">
        <h2>Transcript</h2>
        ${writtenView(recording)}
      </section>
    </div>
    ${recordingsView(below)}`;
}

function recordingsView({ list, open, toggle }: RecordingsBelow): TemplateResult {
  return html`<section class="below stack" aria-label="Recordings">
    <div class="row">
      <button aria-expanded=${open ? 'true' : 'false'} data-place="view-recordings" @click=${toggle}>
        ${open ? 'Hide recordings' : 'View recordings'}
      </button>
      <a href=${at('/recordings')}>All recordings</a>
    </div>
    ${open ? recordingListView(list) : nothing}
  </section>`;
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
      @change=${(event: Event) => recording.choose((event.target as HTMLInputElement).checked)}
    />Transcribe</label
  >`;
}

const CHUNKS: readonly (readonly [seconds: number | undefined, words: string])[] = [
  [undefined, 'live, as it is said'],
  [2, 'every 2 seconds'],
  [5, 'every 5 seconds'],
];

function chunkChoice(recording: Recording): TemplateResult {
  const { state, writeDown, chunkSeconds } = recording;
  const choose = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    recording.chunkSeconds = value === '' ? undefined : Number(value);
  };
  return html`<div class="field">
    <label for="chunk">Text appears</label>
    <select
      id="chunk"
      ?disabled=${!writeDown || state === 'recording' || state === 'opening'}
      @change=${choose}
    >
      ${CHUNKS.map(
        ([seconds, words]) =>
          html`<option value=${seconds ?? ''} ?selected=${chunkSeconds === seconds}>${words}</option>`,
      )}
    </select>
  </div>`;
}

function savedView(saved: SavedRecording): TemplateResult {
  return html`<div class="stack">
    <p class="notice">${saved.name}</p>
    <audio controls preload="metadata" src=${at(addressOf(saved))} aria-label="Play ${saved.name}"></audio>
    <a class="button" href=${at(addressOf(saved))} download=${saved.name}>Download</a>
  </div>`;
}

function writtenView(recording: Recording): TemplateResult {
  const { dictation, lines, notice, state } = recording;
  const words = dictation ? writingState(dictation) : '';
  // An empty status takes no space but stays available to screen readers.
  return html`<p role="status" class=${words ? 'faint small' : 'hidden-words'}>${words}</p>
    ${dictation?.finishing ? skipButton(dictation) : nothing}
    ${notice === undefined ? nothing : html`<p class="notice careful">${notice}</p>`}
    <div class="transcript" role="log" aria-label="Transcript" tabindex="0" ${followEnd()}>
      ${
        lines.length === 0
          ? html`<p class="faint">
              ${state === 'recording' ? 'Nothing has been said yet.' : 'Start recording: the transcript appears here.'}
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
    return `The connection broke. Reconnecting; ${behind} are still to be transcribed.`;
  if (finishing) return `Transcribing the rest: ${behind}.`;
  if (state === 'listening' && behindMs > BEHIND_MS) return `Live transcription is on, ${behind} behind.`;
  return DICTATION[state];
}

function skipButton(dictation: DictationLink): TemplateResult {
  return html`<p><button @click=${() => dictation.skip()}>Skip the rest</button></p>`;
}

/** The actions on a complete transcript. */
function textView(recording: Recording): TemplateResult | typeof nothing {
  const { dictation, wholeText } = recording;
  if (wholeText === undefined) return nothing;
  const incomplete = dictation !== undefined && dictation.missing.length > 0;
  return html`${incomplete ? missingView(recording, dictation) : nothing} ${keepView(recording, wholeText)}`;
}

function missingView(recording: Recording, dictation: DictationLink): TemplateResult {
  const parts = dictation.missing.map(({ startMs, endMs }) => `${clock(startMs)}–${clock(endMs)}`);
  const named = parts.length > MOST_NAMED ? [...parts.slice(0, MOST_NAMED), '…'] : parts;
  return html`<div role="alert" class="notice careful">
      The transcript is incomplete: ${named.join(', ')} ${parts.length === 1 ? 'is' : 'are'} not transcribed.
    </div>
    <p><button @click=${() => void recording.retryMissing()}>Transcribe the missing parts</button></p>`;
}

function keepView(recording: Recording, wholeText: string): TemplateResult {
  const { saved } = recording;
  if (saved && recording.textKept)
    return html`<div class="stack">
      <p role="status" class="notice">${saved.transcript} is saved with the recording.</p>
      <p class="row">
        <a class="button" href=${at(transcriptAddressOf(saved))} target="_blank">Open transcript</a>
        <a class="button" href=${at(transcriptAddressOf(saved))} download=${saved.transcript}
          >Download transcript</a
        >
      </p>
    </div>`;
  const text = new Blob([wholeText], { type: 'text/plain' });
  return html`<p>
    ${
      saved
        ? html`${recording.textProblem === undefined ? nothing : html`<button @click=${() => void recording.keepText()}>Save transcript again</button>`}
            <span role="alert" class="notice wrong">${recording.textProblem ?? nothing}</span>`
        : html`<button @click=${() => download('recording.txt', text)}>Download transcript</button>`
    }
  </p>`;
}

function lineView({ startMs, endMs, text, partial }: WrittenLine): TemplateResult {
  return html`<div class="turn">
    <time class="number">${clock(startMs)}–${clock(endMs)}</time>
    <div class=${partial ? 'unsure' : ''} dir="auto">
      ${text} ${partial ? html`<span class="faint small">(speaking)</span>` : nothing}
    </div>
  </div>`;
}
