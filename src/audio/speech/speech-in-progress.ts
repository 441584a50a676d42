import { TELEPHONE_HZ } from '../telephone.ts';
import { LoudestFrames } from './caller-level.ts';
import { HeldNotes } from './held-notes.ts';

/** Speech whose end has not been detected. Times are those of the audio. */
export interface SpeechInProgress {
  readonly firstVoicedMs: number;
  lastVoicedMs: number;
  voicedMs: number;
  started: boolean;
  bargedIn: boolean;
  pauseReported: boolean;
  /** Silence that ends the turn, if it was changed for this pause. */
  endSilenceMs: number | undefined;
  /** Of its voiced frames. */
  readonly loudest: LoudestFrames;
  readonly notes: HeldNotes;
  /** True if our own audio was to be heard meanwhile. */
  overOwn: boolean;
  /** From the pre-roll on; `length` bytes of it are used. */
  audio: Uint8Array;
  length: number;
}

export function beginSpeech(atMs: number, preRoll: Uint8Array): SpeechInProgress {
  const audio = new Uint8Array(preRoll.length + TELEPHONE_HZ);
  audio.set(preRoll);
  return {
    firstVoicedMs: atMs,
    lastVoicedMs: atMs,
    voicedMs: 0,
    started: false,
    bargedIn: false,
    pauseReported: false,
    endSilenceMs: undefined,
    loudest: new LoudestFrames(),
    notes: new HeldNotes(),
    overOwn: false,
    audio,
    length: preRoll.length,
  };
}

export function appendFrame(speech: SpeechInProgress, frame: Uint8Array): void {
  if (speech.length + frame.length > speech.audio.length) {
    const larger = new Uint8Array(speech.audio.length * 2);
    larger.set(speech.audio);
    speech.audio = larger;
  }
  speech.audio.set(frame, speech.length);
  speech.length += frame.length;
}
