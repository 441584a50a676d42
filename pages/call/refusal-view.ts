import { html, nothing, type TemplateResult } from 'lit';
import type { PastCall } from './past-call.ts';

/** Why the action of the control beside it was refused. */
export function refusalView(call: PastCall, place: string): TemplateResult {
  return html`<div class="notice wrong" role="alert">${call.refusalAt(place) ?? nothing}</div>`;
}
