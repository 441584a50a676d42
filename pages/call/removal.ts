import { html, nothing, type TemplateResult } from 'lit';
import type { PastCall } from './past-call.ts';
import { refusalView } from './refusal-view.ts';

const dialog = (): HTMLDialogElement => document.querySelector<HTMLDialogElement>('#sure')!;

/** Deletes the call after a confirmation. */
export function removal(call: PastCall): TemplateResult | typeof nothing {
  if (call.entry?.state !== 'finished') return nothing;
  const remove = (): void => {
    dialog().close();
    void call.remove();
  };
  return html`<section class="card stack" aria-labelledby="delete">
    <h2 id="delete">Delete this call</h2>
    <p class="small faint">Its recording, transcript, summary and notes, here and in the store.</p>
    <div>
      <button class="stop" data-place="delete" ?disabled=${call.busy} @click=${() => dialog().showModal()}>
        Delete
      </button>
    </div>
    ${refusalView(call, 'delete')}
    <dialog id="sure" aria-labelledby="sure-title">
      <h2 id="sure-title">Delete this call permanently?</h2>
      <p>This cannot be undone.</p>
      <div class="row">
        <button @click=${() => dialog().close()}>Keep it</button>
        <button class="stop" @click=${remove}>Delete permanently</button>
      </div>
    </dialog>
  </section>`;
}
