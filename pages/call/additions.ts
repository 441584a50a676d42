import { html, nothing, type TemplateResult } from 'lit';
import { moment } from '../frame/moments.ts';
import type { CallNote, PastCall } from './past-call.ts';
import { refusalView } from './refusal-view.ts';

/** Notes on a call, and a hold that protects it from deletion. */
export function additions(call: PastCall): TemplateResult | typeof nothing {
  if (call.entry?.state !== 'finished') return nothing;
  return html`<section class="card stack" aria-labelledby="notes">
      <h2 id="notes">Notes</h2>
      ${
        call.entry.notes.length === 0
          ? html`<p class="faint">There are none.</p>`
          : html`<ul class="plain-list">
              ${call.entry.notes.map((note) => noteLine(call, note))}
            </ul>`
      }
      ${form(call, 'note', 'New note', 'Add note', (text) => call.addNote(text))}
    </section>
    <section class="card stack" aria-labelledby="hold">
      <h2 id="hold">Hold</h2>
      ${hold(call)}
    </section>`;
}

function noteLine(call: PastCall, { id, at, text }: CallNote): TemplateResult {
  return html`<li class="note" data-item>
    <p class="as-written" dir="auto">${text}</p>
    <div class="row apart">
      <time class="small faint" datetime=${at}>${moment(at)}</time>
      <button
        class="plain"
        data-place="note-${id}"
        ?disabled=${call.busy}
        @click=${() => void call.removeNote(id)}
      >
        Remove note
      </button>
    </div>
    ${refusalView(call, `note-${id}`)}
  </li>`;
}

function hold(call: PastCall): TemplateResult {
  const held = call.entry?.hold;
  if (!held)
    return html`<p class="small faint">A call on hold cannot be deleted.</p>
      ${form(call, 'reason', 'Reason for the hold', 'Put on hold', (reason) => call.hold(reason))}`;
  return html`<p>On hold since ${moment(held.since)}: <bdi>${held.reason}</bdi></p>
    <div>
      <button data-place="reason" ?disabled=${call.busy} @click=${() => void call.release()}>
        Release the hold
      </button>
    </div>
    ${refusalView(call, 'reason')}`;
}

function form(
  call: PastCall,
  name: string,
  label: string,
  button: string,
  send: (text: string) => Promise<boolean>,
): TemplateResult {
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const sent = event.target as HTMLFormElement;
    const text = (sent.elements.namedItem(name) as HTMLTextAreaElement).value.trim();
    if (text !== '' && (await send(text))) sent.reset();
  };
  return html`<form class="stack" @submit=${submit}>
    <div class="field">
      <label for=${name}>${label}</label>
      <textarea
        dir="auto"
        id=${name}
        name=${name}
        rows="2"
        maxlength=${name === 'note' ? 10_000 : 1_000}
      ></textarea>
    </div>
    <div><button data-place=${name} ?disabled=${call.busy}>${button}</button></div>
    ${refusalView(call, name)}
  </form>`;
}
