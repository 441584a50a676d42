import type { TranscriptionState } from '../catalogue/microphone-entry.ts';

/** A recording of the microphone as it is listed. */
export interface ListedRecording {
  readonly name: string;
  readonly createdAtMs: number;
  readonly sizeBytes: number;
  readonly durationMs: number;
  /** Undefined: no transcript was requested. */
  readonly transcription?: TranscriptionState | undefined;
  /** The name of its transcript's file, if there is one. */
  readonly transcript?: string | undefined;
}

/** A recording in the API: durations in seconds, times in ISO 8601. */
export function recordingResponse(recording: ListedRecording) {
  const { name, createdAtMs, sizeBytes, durationMs, transcription = 'none', transcript } = recording;
  return {
    name,
    createdAt: new Date(createdAtMs).toISOString(),
    sizeBytes,
    durationSeconds: Math.round(durationMs) / 1_000,
    transcription,
    transcript,
  };
}
