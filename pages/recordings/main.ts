import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { askServer, sentenceFor } from '../frame/ask-server.ts';
import { clock } from '../frame/moments.ts';
import { Page } from '../frame/page.ts';
import { addressOf, type SavedRecording, transcriptAddressOf } from '../sound/save-recording.ts';
import '../style/recordings.css';
import { at } from '../frame/root.ts';

/**
 * The number of entries shown initially and added by More: players for thousands of entries would take a browser many
 * seconds.
 */
const SHOWN_AT_ONCE = 50;

let recordings: readonly SavedRecording[] | undefined;
let problem: string | undefined;
let news = '';
let shown = SHOWN_AT_ONCE;
/** The entry that waits for a confirmation of its deletion. */
let toDelete: string | undefined;

const page = new Page(view);
void load();

function view(): TemplateResult {
  return html`<div class="row between">
      <h1>Recordings</h1>
      <a class="button" href=${at('/')}>Record</a>
    </div>
    <div role="alert" class="notice wrong">${problem ?? nothing}</div>
    <p role="status" class="faint">${news || countOf(recordings)}</p>
    <ul class="recordings">
      ${repeat((recordings ?? []).slice(0, shown), ({ name }) => name, card)}
    </ul>
    ${moreButton((recordings?.length ?? 0) - shown)}`;
}

function moreButton(left: number): TemplateResult | typeof nothing {
  if (left <= 0) return nothing;
  return html`<p>
    <button
      @click=${() => {
        shown += SHOWN_AT_ONCE;
        page.redraw();
      }}
    >
      More (${left})
    </button>
  </p>`;
}

function countOf(listed: typeof recordings): string {
  if (!listed) return problem === undefined ? 'Loading…' : '';
  if (listed.length === 0) return 'No recordings yet. Use Record to make the first one.';
  return listed.length === 1 ? 'One recording' : `${listed.length} recordings, newest first`;
}

function card(recording: SavedRecording): TemplateResult {
  const { name, createdAt, sizeBytes, durationSeconds } = recording;
  return html`<li class="card stack" data-item>
    <div>
      <h2 class="file"><bdi>${name}</bdi></h2>
      <p class="faint small number">
        <time datetime=${createdAt}>${new Date(createdAt).toLocaleString()}</time> ·
        ${clock(durationSeconds * 1_000)} · ${megabytes(sizeBytes)}
      </p>
    </div>
    <audio controls preload="none" src=${at(addressOf(recording))} aria-label="Play ${name}"></audio>
    <div class="row">
      <a class="button" href=${at(addressOf(recording))} download=${name}
        >Download<span class="hidden-words"> ${name}</span></a
      >
      ${transcriptLink(recording)} ${toDelete === name ? sure(name) : deleteButton(name)}
    </div>
  </li>`;
}

function transcriptLink(recording: SavedRecording): TemplateResult | typeof nothing {
  const { name, transcript } = recording;
  if (transcript === undefined) return nothing;
  return html`<a class="button" href=${at(transcriptAddressOf(recording))} target="_blank"
    >Transcript<span class="hidden-words"> of ${name}</span></a
  >`;
}

function deleteButton(name: string): TemplateResult {
  return html`<button
    class="plain"
    data-place=${placeOf(name)}
    @click=${() => {
      toDelete = name;
      page.redraw();
    }}
  >
    Delete<span class="hidden-words"> ${name}</span>
  </button>`;
}

function sure(name: string): TemplateResult {
  return html`<span role="group" aria-label="Delete ${name}?" class="row">
    <button class="stop" data-place=${placeOf(name)} @click=${() => void remove(name)}>
      Delete permanently
    </button>
    <button
      class="plain"
      data-place=${placeOf(name)}
      @click=${() => {
        toDelete = undefined;
        page.redraw();
      }}
    >
      Keep
    </button>
  </span>`;
}

/** The control in place of an entry's Delete button. */
function placeOf(name: string): string {
  return `delete-${encodeURIComponent(name)}`;
}

async function load(): Promise<void> {
  try {
    ({ recordings } = await askServer<{ recordings: readonly SavedRecording[] }>('/list_recordings'));
    problem = undefined;
  } catch (error) {
    problem = sentenceFor(error);
  }
  page.redraw();
}

async function remove(name: string): Promise<void> {
  try {
    await askServer(addressOf({ name }), { method: 'DELETE' });
    news = `${name} has been deleted.`;
  } catch (error) {
    problem = sentenceFor(error);
  }
  toDelete = undefined;
  await load();
}

function megabytes(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
