import { html, nothing, type TemplateResult } from 'lit';
import { marked } from '../calls/marked-words.ts';
import { clock, moment } from '../frame/moments.ts';
import '../style/desk.css';
import type { RecordingHit, RecordingSearch } from './recording-search.ts';

/** The search in recordings, and what it found. */
export function recordingSearchView(search: RecordingSearch): TemplateResult {
  const { hits, problem, next } = search;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const words = new FormData(event.target as HTMLFormElement).get('q');
    void search.find(typeof words === 'string' ? words.trim() : '');
  };
  return html`<form class="filters" role="search" @submit=${submit}>
      <div class="field">
        <label for="q">Words said</label>
        <input id="q" name="q" type="search" dir="auto" maxlength="500" placeholder='words, "phrase"' />
      </div>
      <button class="main">Search</button>
    </form>
    <div role="alert" class="notice wrong">${problem ?? nothing}</div>
    <p role="status" aria-label="Search results">
      ${hits?.length === 0 && next === undefined ? 'No recordings contain these words.' : nothing}
    </p>
    ${
      hits && hits.length > 0
        ? html`<ul class="plain-list" aria-label="Found">
            ${hits.map((hit) => html`<li>${hitView(search, hit)}</li>`)}
          </ul>`
        : nothing
    }
    ${next === undefined ? nothing : html`<p><button @click=${() => void search.more()}>More results</button></p>`}`;
}

function hitView(search: RecordingSearch, hit: RecordingHit): TemplateResult {
  const { name, startedAt, startMs, speaker, text } = hit;
  return html`<div class="card stack">
    <p class="small faint">
      <bdi>${name}</bdi> · ${moment(startedAt)}
      ${speaker === undefined ? nothing : html`· <bdi>${speaker}</bdi>`}
    </p>
    <p dir="auto">${marked(text, search.words)}</p>
    <p>
      <button class="plain" @click=${() => void search.play(name, startMs)}>
        Play at <span class="number">${clock(startMs)}</span><span class="hidden-words"> in ${name}</span>
      </button>
    </p>
  </div>`;
}
