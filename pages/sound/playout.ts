import { decodeMulaw } from './mulaw.ts';

/** As much as Twilio takes; what comes beyond it is not played. */
const LONGEST_SAMPLES = 10 * 60 * 8_000;

type Entry = { readonly samples: Float32Array; from: number } | { readonly mark: string };

/** What is still to be played, and the marks in it, as Twilio's media server queues it: 8 kHz, in order. */
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

  /** Throws everything away and gives the marks that were in it. */
  clear(): string[] {
    const marks = this.#entries.flatMap((entry) => ('mark' in entry ? [entry.mark] : []));
    this.#entries = [];
    this.#waiting = 0;
    return marks;
  }

  /** Fills the block with what comes next and silence behind it; gives the marks that are reached by its end. */
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
