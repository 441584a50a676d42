import { EchoLevel } from './echo-level.ts';

/** The number of 20 ms frames that determine the background level. */
const BACKGROUND_FRAMES = 75;
/** A sound whose loudness varies by less than this over 300 ms is a tone, a hum or steady noise, not speech. */
const STEADY_DB = 3;
const STEADY_FRAMES = 15;
/** Speech exceeds the background by at least this much. */
const ABOVE_BACKGROUND_DB = 8;
/** Quieter frames are line noise regardless of their content: Twilio's comfort noise is near -60. */
const LEAST_DBFS = -48;
/** The loudness of our own audio while there is none. */
export const SILENT_DBFS = -100;

/**
 * Rejects frames that a voice detector mistakes for speech: steady tones, loud even noise, our own echo. Receives the
 * loudness of every 20 ms frame.
 */
export class SpeechGate {
  readonly #recent = new Float32Array(BACKGROUND_FRAMES).fill(-60);
  readonly #echo = new EchoLevel();
  #next = 0;
  /** The lowest of the recent levels. */
  #background = -60;

  /** `ownDbfs`: the current peak loudness of the assistant, `SILENT_DBFS` if silent. `isInterrupted`: the caller is known to speak over it. */
  passes(loudnessDbfs: number, ownDbfs: number, isInterrupted: boolean): boolean {
    this.#remember(loudnessDbfs);
    const least = Math.max(LEAST_DBFS, this.#background + ABOVE_BACKGROUND_DB, this.#echo.most(ownDbfs));
    if (ownDbfs > SILENT_DBFS && !isInterrupted) this.#echo.add(loudnessDbfs, ownDbfs);
    return loudnessDbfs > least && !this.#steady();
  }

  #remember(loudnessDbfs: number): void {
    const recent = this.#recent;
    const dropped = recent[this.#next]!;
    recent[this.#next] = loudnessDbfs;
    // As it is kept: with the precision of the array.
    const level = recent[this.#next]!;
    this.#next = (this.#next + 1) % BACKGROUND_FRAMES;
    if (level <= this.#background) this.#background = level;
    else if (dropped === this.#background) this.#background = lowestOf(recent);
  }

  #steady(): boolean {
    let low = 0;
    let high = -100;
    for (let back = 1; back <= STEADY_FRAMES; back += 1) {
      const level = this.#recent[(this.#next - back + BACKGROUND_FRAMES) % BACKGROUND_FRAMES]!;
      low = Math.min(low, level);
      high = Math.max(high, level);
    }
    return high - low < STEADY_DB;
  }
}

function lowestOf(levels: Float32Array): number {
  let lowest = 0;
  for (let at = 0; at < levels.length; at += 1) if (levels[at]! < lowest) lowest = levels[at]!;
  return lowest;
}
