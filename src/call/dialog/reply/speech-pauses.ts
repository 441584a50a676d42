import { loudnessDbfs } from '../../../audio/loudness.ts';
import { decodeMulaw } from '../../../audio/mulaw.ts';
import { FRAME_SAMPLES } from '../../../audio/telephone.ts';

/** Synthesised speech is silent between its sentences; its quietest sounds are louder than this. */
const SILENT_DBFS = -45;
/** Shorter silences are closures of consonants such as "t". */
const MIN_PAUSE_SAMPLES = 6 * FRAME_SAMPLES;

/** A silence between two sounds, in samples from the beginning of the audio. */
export interface SpeechPause {
  readonly from: number;
  readonly to: number;
}

/** Finds the pauses of a voice while its audio arrives: μ-law at 8,000 Hz. */
export class SpeechPauses {
  readonly all: SpeechPause[] = [];
  #samples = 0;
  /** Audio that does not fill a frame. */
  #rest = new Uint8Array(0);
  /** Since when it is silent; undefined during a sound, and before the first one. */
  #silentFrom: number | undefined;
  #hasSound = false;

  /** The audio so far. */
  get samples(): number {
    return this.#samples + this.#rest.length;
  }

  add(mulaw: Uint8Array): void {
    const audio = Buffer.concat([this.#rest, mulaw]);
    const whole = audio.length - (audio.length % FRAME_SAMPLES);
    for (let at = 0; at < whole; at += FRAME_SAMPLES) this.#addFrame(audio.subarray(at, at + FRAME_SAMPLES));
    this.#rest = audio.subarray(whole);
  }

  #addFrame(frame: Uint8Array): void {
    const isSilent = loudnessDbfs(decodeMulaw(frame)) < SILENT_DBFS;
    if (isSilent && this.#hasSound) this.#silentFrom ??= this.#samples;
    if (!isSilent) {
      const from = this.#silentFrom;
      if (from !== undefined && this.#samples - from >= MIN_PAUSE_SAMPLES)
        this.all.push({ from, to: this.#samples });
      this.#silentFrom = undefined;
      this.#hasSound = true;
    }
    this.#samples += frame.length;
  }
}
