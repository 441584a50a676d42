import { askServer } from '../frame/ask-server.ts';

/** A recording as the server lists it. */
export interface SavedRecording {
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly sizeBytes: number;
  readonly durationSeconds: number;
}

/** `POST /save_recording`: the server gives it its name. */
export function saveRecording(wav: Blob): Promise<SavedRecording> {
  const form = new FormData();
  form.append('audio', wav, 'recording.wav');
  return askServer<SavedRecording>('/save_recording', { method: 'POST', body: form });
}

export function addressOf({ name }: Pick<SavedRecording, 'name'>): string {
  return `/recordings/${encodeURIComponent(name)}`;
}
