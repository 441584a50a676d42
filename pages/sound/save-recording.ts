import { askServer, posting } from '../frame/ask-server.ts';

/** A recording as the server lists it. */
export interface SavedRecording {
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly sizeBytes: number;
  readonly durationSeconds: number;
  /** The name of the text beside it, where there is one. */
  readonly transcript?: string;
}

/** `POST /save_recording`: the server gives it its name. */
export function saveRecording(wav: Blob): Promise<SavedRecording> {
  const form = new FormData();
  form.append('audio', wav, 'recording.wav');
  return askServer<SavedRecording>('/save_recording', { method: 'POST', body: form });
}

/** `PUT /recordings/:file/transcript`: the text lies beside the recording then. */
export function saveTranscript(recording: SavedRecording, text: string): Promise<SavedRecording> {
  return askServer<SavedRecording>(transcriptAddressOf(recording), posting({ text }, 'PUT'));
}

export function transcriptAddressOf(recording: Pick<SavedRecording, 'name'>): string {
  return `${addressOf(recording)}/transcript`;
}

export function addressOf({ name }: Pick<SavedRecording, 'name'>): string {
  return `/recordings/${encodeURIComponent(name)}`;
}
