import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { clock } from '../frame/moments.ts';
import { howToTranscribe } from '../frame/no-transcription.ts';
import { at } from '../frame/root.ts';
import { lacksTranscription } from '../frame/server-status.ts';
import { addressOf, type SavedRecording, transcriptAddressOf } from '../sound/save-recording.ts';
import type { RecordingList } from './recording-list.ts';
import '../style/recordings.css';

/** The recordings with players, newest first. */
export function recordingListView(list: RecordingList): TemplateResult {
  return html`<div role="alert" class="notice wrong">${list.problem ?? nothing}</div>
    <p role="status" class="faint">${list.news || countOf(list)}</p>
    ${list.waiting && lacksTranscription() ? howToTranscribe('Texts of saved recordings are then added.') : nothing}
    <ul class="recordings" aria-label="Recordings">
      ${repeat(
        list.shown,
        ({ name }) => name,
        (recording) => card(list, recording),
      )}
    </ul>
    ${list.left > 0 ? html`<p><button @click=${() => list.more()}>More (${list.left})</button></p>` : nothing}`;
}

const TRANSCRIPTION_WORDS = {
  done: '',
  none: '',
  pending: '· waiting to be transcribed',
  failed: '· not transcribed',
} as const;

function transcriptionWords(state: SavedRecording['transcription']): string {
  return TRANSCRIPTION_WORDS[state === 'pending' && lacksTranscription() ? 'failed' : state];
}

function countOf({ recordings, problem }: RecordingList): string {
  if (!recordings) return problem === undefined ? 'Loading…' : '';
  if (recordings.length === 0) return 'No recordings yet.';
  return recordings.length === 1 ? 'One recording' : `${recordings.length} recordings, newest first`;
}

function card(list: RecordingList, recording: SavedRecording): TemplateResult {
  const { name, createdAt, sizeBytes, durationSeconds, transcription } = recording;
  const intended = list.intention?.name === name ? list.intention.what : undefined;
  const refused = list.refusal?.name === name ? list.refusal.sentence : nothing;
  return html`<li class="card stack" data-item>
    <div>
      <h2 class="file"><bdi>${name}</bdi></h2>
      <p class="faint small number">
        <time datetime=${createdAt}>${new Date(createdAt).toLocaleString()}</time> ·
        ${clock(durationSeconds * 1_000)} · ${megabytes(sizeBytes)} ${transcriptionWords(transcription)}
      </p>
    </div>
    <audio controls preload="none" src=${at(addressOf(recording))} aria-label="Play ${name}"></audio>
    ${intended === 'rename' ? renameForm(list, name) : nothing}
    <div class="row">
      <a class="button" href=${at(addressOf(recording))} download=${name}
        >Download<span class="hidden-words"> ${name}</span></a
      >
      ${transcriptLink(recording)} ${intended === 'rename' ? nothing : actionButton(list, name, 'rename')}
      ${intended === 'delete' ? sure(list, name) : actionButton(list, name, 'delete')}
    </div>
    <div role="alert" class="notice wrong">${refused}</div>
  </li>`;
}

function transcriptLink(recording: SavedRecording): TemplateResult | typeof nothing {
  const { name, transcript } = recording;
  if (transcript === undefined) return nothing;
  return html`<a class="button" href=${at(transcriptAddressOf(recording))} target="_blank"
    >Transcript<span class="hidden-words"> of ${name}</span></a
  >`;
}

const LABELS = { delete: 'Delete', rename: 'Rename' } as const;

function actionButton(list: RecordingList, name: string, what: keyof typeof LABELS): TemplateResult {
  return html`<button
    class="plain"
    data-place=${placeOf(what, name)}
    @click=${() => list.intend({ name, what })}
  >
    ${LABELS[what]}<span class="hidden-words"> ${name}</span>
  </button>`;
}

function sure(list: RecordingList, name: string): TemplateResult {
  const place = placeOf('delete', name);
  return html`<span role="group" aria-label="Delete ${name}?" class="row">
    <button class="stop" data-place=${place} @click=${() => void list.remove(name)}>
      Delete permanently
    </button>
    <button class="plain" data-place=${place} @click=${() => list.intend(undefined)}>Keep</button>
  </span>`;
}

function renameForm(list: RecordingList, name: string): TemplateResult {
  const place = placeOf('rename', name);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement).get('name');
    if (typeof given === 'string' && given.trim() !== '') void list.rename(name, given.trim());
  };
  return html`<form class="stack" @submit=${submit}>
    <div class="field">
      <label for=${place}>New name</label>
      <input
        id=${place}
        name="name"
        data-place=${place}
        dir="auto"
        autocomplete="off"
        maxlength="125"
        .value=${name.replace(/\.wav$/iu, '')}
      />
    </div>
    <div class="row">
      <button>Save name</button>
      <button type="button" class="plain" @click=${() => list.intend(undefined)}>Keep the name</button>
    </div>
  </form>`;
}

/** The control in place of an entry's button. */
function placeOf(what: keyof typeof LABELS, name: string): string {
  return `${what}-${encodeURIComponent(name)}`;
}

function megabytes(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
