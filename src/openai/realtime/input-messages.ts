import { MULAW_TYPE } from './event-fields.ts';

/** How audio is sent: μ-law at 8,000 Hz, or PCM at 24,000 Hz. */
export type InputFormat =
  { readonly type: typeof MULAW_TYPE } | { readonly type: 'audio/pcm'; readonly rate: number };

/** `bytes`: in the format of the session. */
export function appendAudio(bytes: Uint8Array): string {
  const audio = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return JSON.stringify({ type: 'input_audio_buffer.append', audio });
}

/** What was appended is an utterance. `label`: the id of the message. */
export function commitAudio(label: string): string {
  return JSON.stringify({ type: 'input_audio_buffer.commit', event_id: label });
}

/** What was appended is dropped. */
export function clearAudio(): string {
  return JSON.stringify({ type: 'input_audio_buffer.clear' });
}
