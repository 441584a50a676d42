import { html, nothing, type TemplateResult } from 'lit';
import { clock, moment } from '../frame/moments.ts';
import { speakerName } from '../frame/turn-list.ts';
import { addressOf, type CallFilter, filterFrom } from './call-filter.ts';
import { recordingAt } from '../recordings/recording-address.ts';
import { CALL_STATE_WORDS, OUTCOME_WORDS, UNWRITTEN_WORDS } from './call-states.ts';
import { marked } from './marked-words.ts';
import type { Hit, PastCall, PastCalls } from './past-calls.ts';
import { at } from '../frame/root.ts';

/** Past calls: the filter form and the results. */
export function pastCallsView(past: PastCalls): TemplateResult {
  return html`<section class="card" aria-labelledby="past">
    <h2 id="past">Past calls</h2>
    ${filterForm(past)}
    <p role="status" aria-label="Search results">${foundWords(past)}</p>
    ${past.problem ? html`<p class="notice wrong" role="alert">${past.problem}</p>` : nothing}
    <ul class="plain-list" aria-label=${past.answer?.hits ? 'Turns found' : 'Past calls'}>
      ${past.answer?.calls?.map((call) => html`<li>${pastCall(call)}</li>`)}
      ${past.answer?.hits?.map((one) => html`<li>${hit(one, past.filter.q)}</li>`)}
    </ul>
    ${paging(past)}
  </section>`;
}

function foundWords({ loading, answer, filter }: PastCalls): string {
  if (!answer) return loading ? 'Loading …' : '';
  const { calls, hits, next } = answer;
  if (hits) return hits.length > 0 || next ? '' : 'Nothing contains these words.';
  if (calls && calls.length === 0 && !next)
    return addressOf(filter) ? 'No calls match.' : 'There are no calls yet.';
  return '';
}

const TYPE_WORDS = { call: 'calls', microphone: 'microphone recordings' } as const;

function filterForm(past: PastCalls): TemplateResult {
  const { filter } = past;
  const submit = (event: Event): void => {
    event.preventDefault();
    const chosen = filterFrom(new FormData(event.target as HTMLFormElement));
    const query = addressOf(chosen);
    history.replaceState(null, '', query ? `?${query}` : location.pathname);
    void past.find(chosen);
  };
  return html`<form class="filters" role="search" @submit=${submit}>
    ${field('q', 'Words said', filter, { type: 'search', placeholder: 'words, "phrase"' })}
    ${choice('type', 'In', filter, ['call', 'microphone'], (type) => TYPE_WORDS[type])}
    ${choice('speaker', 'Said by', filter, ['caller', 'assistant', 'operator'], speakerName)}
    ${field('number', 'Number', filter, { type: 'text', placeholder: 'full, or last digits' })}
    ${field('fromDay', 'From', filter, { type: 'date' })} ${field('toDay', 'To', filter, { type: 'date' })}
    ${field('minSeconds', 'At least (seconds)', filter, { type: 'number' })}
    ${field('maxSeconds', 'At most (seconds)', filter, { type: 'number' })}
    ${choice(
      'outcome',
      'Outcome',
      filter,
      Object.keys(OUTCOME_WORDS) as (keyof typeof OUTCOME_WORDS)[],
      (outcome) => OUTCOME_WORDS[outcome],
    )}
    <button class="main">Search</button>
  </form>`;
}

function field(
  name: keyof CallFilter,
  label: string,
  filter: CallFilter,
  { type, placeholder }: { type: string; placeholder?: string },
): TemplateResult {
  return html`<div class="field">
    <label for=${name}>${label}</label>
    <input
      id=${name}
      name=${name}
      type=${type}
      dir="auto"
      min=${type === 'number' ? 0 : nothing}
      placeholder=${placeholder ?? nothing}
      .value=${filter[name]}
    />
  </div>`;
}

function choice<Value extends string>(
  name: keyof CallFilter,
  label: string,
  filter: CallFilter,
  values: readonly Value[],
  words: (value: Value) => string,
): TemplateResult {
  return html`<div class="field">
    <label for=${name}>${label}</label>
    <select id=${name} name=${name}>
      <option value="">any</option>
      ${values.map(
        (value) => html`<option value=${value} ?selected=${filter[name] === value}>${words(value)}</option>`,
      )}
    </select>
  </div>`;
}

function pastCall(call: PastCall): TemplateResult {
  const { callSid, startedAt, from, durationMs, outcome, state, summary, unwritten } = call;
  return html`<a class="past" href=${at(state === 'live' ? `/calls?call=${callSid}` : `/calls/${callSid}`)}>
    <span class="when">${moment(startedAt)}</span>
    <span><bdi>${from}</bdi></span>
    <span class="number">${durationMs === undefined ? '' : clock(durationMs)}</span>
    <span>
      <span class="state ${unwritten ? 'failed' : (outcome ?? '')}">${stateWords(call)}</span>
    </span>
    ${unwritten ? html`<span class="told small">${unwritten}</span>` : nothing}
    ${summary ? html`<span class="told words small" dir="auto">${summary}</span>` : nothing}
  </a>`;
}

function stateWords({ state, outcome, unwritten }: PastCall): string {
  if (unwritten) return UNWRITTEN_WORDS;
  return state === 'finished' && outcome ? OUTCOME_WORDS[outcome] : CALL_STATE_WORDS[state];
}

function hit(found: Hit, q: string): TemplateResult {
  const { type, turnId, startedAt, startMs, text } = found;
  const [address, title, who] =
    type === 'call'
      ? [`/calls/${found.callSid}?turn=${encodeURIComponent(turnId)}`, found.from, speakerName(found.speaker)]
      : [recordingAt(found.name, startMs), found.name, found.speaker ?? 'Microphone'];
  return html`<a class="past" href=${at(address)}>
    <span class="when">${moment(startedAt)}</span>
    <span><bdi>${title}</bdi></span>
    <span class="number">${clock(startMs)}</span>
    <span><bdi>${who}</bdi></span>
    <span class="told" dir="auto">${marked(text, q)}</span>
  </a>`;
}

function paging(past: PastCalls): TemplateResult | typeof nothing {
  const { answer, pageNumber } = past;
  if (!answer?.next && pageNumber === 1) return nothing;
  return html`<nav class="row pages" aria-label="Pages of past calls">
    <button data-place="page" ?disabled=${pageNumber === 1} @click=${() => void past.newer()}>Newer</button>
    <span class="number">Page ${pageNumber}</span>
    <button data-place="page" ?disabled=${!answer?.next} @click=${() => void past.older()}>Older</button>
  </nav>`;
}
