/**
 * `done`: the transcript is complete, or silent. `pending`: it is being made, or waits for a service. `failed`: it will not be
 * made. `none`: none was wanted.
 */
export const TRANSCRIPTION_STATES = ['done', 'pending', 'failed', 'none'] as const;
export type TranscriptionState = (typeof TRANSCRIPTION_STATES)[number];

/** A part of a microphone recording's transcript. Times are milliseconds into the recording. */
export interface MicrophoneUtterance {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  /** The label that the transcription service gave to a voice; absent if it tells none apart. */
  readonly speaker?: string | undefined;
}

/** A recording of the microphone, without its words. */
export interface MicrophoneRecording {
  readonly name: string;
  readonly createdAtMs: number;
  readonly sizeBytes: number;
  readonly durationMs: number;
  readonly sha256: string;
  readonly format: 'wav';
  readonly transcription: TranscriptionState;
  /** BCP 47; absent if nothing is transcribed. */
  readonly language?: string | undefined;
  /** The most significant keyword first. */
  readonly keywords: readonly string[];
  /** Identifies the words and what is known about them, so that the start compares recordings by their list alone. */
  readonly wordsSha256?: string | undefined;
}

/** A recording of the microphone with what was said, in order of time. */
export interface MicrophoneEntry extends MicrophoneRecording {
  readonly utterances: readonly MicrophoneUtterance[];
}

/** The name of a recording among the names of calls. A CallSid has no slash. */
export function microphoneKey(name: string): string {
  return `${KEY_START}${name}`;
}

/** The name of a recording; undefined for the name of a call. */
export function recordingOfKey(key: string): string | undefined {
  return key.startsWith(KEY_START) ? key.slice(KEY_START.length) : undefined;
}

const KEY_START = 'microphone/';

/** The name of an utterance in a recording, by its position. */
export function utteranceId(index: number): string {
  return `utterance-${index + 1}`;
}
