import { askServer, posting } from '../frame/ask-server.ts';

/** A recording in the server's list. */
export interface SavedRecording {
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly sizeBytes: number;
  readonly durationSeconds: number;
  /** The file name of its transcript, if there is one. */
  readonly transcript?: string;
}

/** `POST /save_recording`: the server assigns the name. */
export function saveRecording(wav: Blob): Promise<SavedRecording> {
  const form = new FormData();
  form.append('audio', wav, 'recording.wav');
  return askServer<SavedRecording>('/save_recording', { method: 'POST', body: form });
}

/** `PUT /recordings/:file/transcript`: saves the text with the recording. */
export function saveTranscript(recording: SavedRecording, text: string): Promise<SavedRecording> {
  return askServer<SavedRecording>(transcriptAddressOf(recording), posting({ text }, 'PUT'));
}

/** `PUT /recordings/:file/name`: renames a recording and its transcript. */
export function renameRecording(
  recording: Pick<SavedRecording, 'name'>,
  name: string,
): Promise<SavedRecording> {
  return askServer<SavedRecording>(`${addressOf(recording)}/name`, posting({ name }, 'PUT'));
}

export function transcriptAddressOf(recording: Pick<SavedRecording, 'name'>): string {
  return `${addressOf(recording)}/transcript`;
}

export function addressOf({ name }: Pick<SavedRecording, 'name'>): string {
  return `/recordings/${encodeURIComponent(name)}`;
}
