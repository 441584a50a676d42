import { html, type TemplateResult } from 'lit';
import type { FinishingCall } from './finishing-call.ts';
import { at } from './root.ts';

/** Whether the files of a call that has ended are ready, with a link to its page. */
export function finishingView(callSid: string, finishing: FinishingCall | undefined): TemplateResult {
  const now = finishing?.now ?? { state: 'being-made' };
  const link = html`<a href=${at(`/calls/${callSid}`)} data-place="listen hold end"
    >Recording and transcript</a
  >`;
  return html`<p role="status" aria-label="Files of the call">
    ${link} ${now.state === 'failed' ? `could not be written: ${now.reason}` : WORDS[now.state]}
  </p>`;
}

const WORDS = {
  'being-made': 'are being made …',
  ready: 'are ready.',
  late: 'are not ready yet. This takes longer than usual; the page of the call shows them later.',
} as const;
