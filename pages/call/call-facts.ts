import { html, nothing, type TemplateResult } from 'lit';
import { CALL_STATE_WORDS, OUTCOME_WORDS, UNWRITTEN_WORDS } from '../calls/call-states.ts';
import { clock, moment, size } from '../frame/moments.ts';
import { endWords } from './end-words.ts';
import type { CallEntry } from './past-call.ts';
import { at } from '../frame/root.ts';

/** The facts about a call, and its files. */
export function callFacts(entry: CallEntry): TemplateResult {
  const { summary, keywords } = entry;
  return html`<h2 id="about">About this call</h2>
    ${summary ? html`<p dir="auto">${summary}</p>` : nothing}
    <dl class="facts">
      ${factsOf(entry).map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd><bdi>${value}</bdi></dd>`,
      )}
    </dl>
    ${keywords.length > 0 ? html`<p class="small faint">Keywords: ${keywords.map((word, index) => html`${index === 0 ? '' : ', '}<bdi>${word}</bdi>`)}</p>` : nothing}
    ${downloads(entry)}`;
}

function factsOf(entry: CallEntry): readonly (readonly [string, string])[] {
  const { from, to, startedAt, durationMs, state, outcome, endReason, figures, unwritten } = entry;
  const given = (name: string, value: string | undefined): (readonly [string, string])[] =>
    value === undefined ? [] : [[name, value]];
  const longest = (delays: readonly number[] = []): string | undefined =>
    delays.length > 0 ? `${Math.round(Math.max(...delays))} ms` : undefined;
  return [
    ['From', from],
    ['To', to],
    ['Began', moment(startedAt)],
    ...given('Length', durationMs === undefined ? undefined : clock(durationMs)),
    ['State', unwritten ? `${UNWRITTEN_WORDS}: ${unwritten}` : CALL_STATE_WORDS[state]],
    ...given('Outcome', outcome && OUTCOME_WORDS[outcome]),
    ...given('Ended', endReason && endWords(endReason)),
    ...given('Interruptions', figures && String(figures.interruptions)),
    ...given('Longest wait for an answer', longest(figures?.answerMs)),
    ...given('Longest wait for silence', longest(figures?.bargeInMs)),
    ['CallSid', entry.callSid],
  ];
}

function downloads({ callSid, links, files, state }: CallEntry): TemplateResult {
  const sizeOf = (kind: string): string => {
    const file = files.find((one) => one.kind === kind);
    return file ? `, ${size(file.sizeBytes)}` : '';
  };
  const transcript = (as: string): string => links.transcript.replace(/txt$/u, as);
  const all: readonly (readonly [string, string | undefined])[] = [
    [`Recording${sizeOf('recording')}`, state === 'finished' ? links.audio : undefined],
    ['Transcript as text', transcript('txt')],
    ['Transcript as JSON', transcript('json')],
    ['Transcript as VTT', transcript('vtt')],
    ['Summary', links.summary || undefined],
    ['Whole record as JSON', links.record],
  ];
  return html`<h3>Downloads</h3>
    <ul class="downloads">
      ${all.flatMap(([name, address]) =>
        address
          ? [html`<li><a href=${at(address)} download=${fileName(callSid, address)}>${name}</a></li>`]
          : [],
      )}
    </ul>`;
}

/** If no name is set, the browser uses the name in the response, which knows the format of the recording. */
function fileName(callSid: string, address: string): string {
  return address.endsWith('/audio') ? '' : `call_${callSid}_${address.split('/').at(-1)}`;
}
