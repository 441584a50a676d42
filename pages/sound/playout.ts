import { TELEPHONE_HZ } from '../../src/audio/telephone.ts';
import { decodeMulaw } from './mulaw.ts';

/** Twilio's buffer limit; audio beyond it is not played. */
const LONGEST_SAMPLES = 10 * 60 * TELEPHONE_HZ;

type Entry = { readonly samples: Float32Array; from: number } | { readonly mark: string };

/** The playout queue of audio and marks, as in Twilio's media server: 8 kHz, in order. */
export class Playout {
  #entries: Entry[] = [];
  #waiting = 0;

  play(mulaw: Uint8Array): void {
    if (this.#waiting + mulaw.length > LONGEST_SAMPLES) return;
    this.#waiting += mulaw.length;
    this.#entries.push({ samples: decodeMulaw(mulaw), from: 0 });
  }

  mark(name: string): void {
    this.#entries.push({ mark: name });
  }

  /** Clears the queue and returns its marks. */
  clear(): string[] {
    const marks = this.#entries.flatMap((entry) => ('mark' in entry ? [entry.mark] : []));
    this.#entries = [];
    this.#waiting = 0;
    return marks;
  }

  /** Fills the block with the next audio, padded with silence; returns the marks reached by its end. */
  fill(block: Float32Array): string[] {
    const marks: string[] = [];
    let at = 0;
    block.fill(0);
    for (let entry = this.#entries[0]; entry; entry = this.#entries[0]) {
      if ('mark' in entry) marks.push(entry.mark);
      else {
        at += this.#take(entry, block.subarray(at));
        if (entry.from < entry.samples.length) break;
      }
      this.#entries.shift();
    }
    return marks;
  }

  #take(entry: Extract<Entry, { from: number }>, into: Float32Array): number {
    const taken = entry.samples.subarray(entry.from, entry.from + into.length);
    into.set(taken);
    entry.from += taken.length;
    this.#waiting -= taken.length;
    return taken.length;
  }
}
