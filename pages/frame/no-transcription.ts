import { html, nothing, type TemplateResult } from 'lit';
import type { TranscriptTurn } from '../../src/records/text/transcript.ts';
import { lacksTranscription } from './server-status.ts';

/** Why the caller's words are missing, if no transcription service is configured. */
export function noTranscription(turns: readonly TranscriptTurn[]): TemplateResult | typeof nothing {
  const waits = turns.some(({ speaker, text }) => speaker === 'caller' && text === undefined);
  if (!waits || !lacksTranscription()) return nothing;
  return howToTranscribe('Texts of recorded calls are then added.');
}

/** `then`: what happens once a service is configured. */
export function howToTranscribe(then: string): TemplateResult {
  return html`<p class="notice careful">
    Not transcribed: no transcription service is configured. Set <code>OPENAI_API_KEY</code>, or
    <code>TRANSCRIPTION_BASE_URL</code> for a server of your own, and restart. ${then}
  </p>`;
}
