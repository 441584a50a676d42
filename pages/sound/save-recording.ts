import type { MicrophoneUtterance, TranscriptionState } from '../../src/catalogue/microphone-entry.ts';
import type { TranscriptSource } from '../../src/microphone/microphone-routes.ts';
import { askServer, posting } from '../frame/ask-server.ts';

/** A recording in the server's list. */
export interface SavedRecording {
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly sizeBytes: number;
  readonly durationSeconds: number;
  readonly transcription: TranscriptionState;
  /** The file name of its transcript, if there is one. */
  readonly transcript?: string;
}

/** `POST /save_recording`: the server assigns the name. */
export function saveRecording(wav: Blob, transcript: TranscriptSource): Promise<SavedRecording> {
  const form = new FormData();
  form.append('transcript', transcript);
  form.append('audio', wav, 'recording.wav');
  return askServer<SavedRecording>('/save_recording', { method: 'POST', body: form });
}

/** `PUT /recordings/:file/transcript`: saves what was said with the recording. */
export function saveTranscript(
  recording: SavedRecording,
  transcript: {
    readonly utterances: readonly MicrophoneUtterance[];
    readonly missing: readonly { readonly startMs: number; readonly endMs: number }[];
  },
): Promise<SavedRecording> {
  return askServer<SavedRecording>(transcriptAddressOf(recording), posting(transcript, 'PUT'));
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
