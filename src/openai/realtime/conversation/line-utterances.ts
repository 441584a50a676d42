import type { VoicedTime } from '../../../call/line-listener.ts';
import type { RequestedText } from '../requested-text.ts';
import type { MemoryItem } from './conversation-memory.ts';
import type { DetectedItem } from './detected-items.ts';

/** What the caller said without a pause that ended it, by our turn detector. Times are call milliseconds. */
export interface LineUtterance {
  startMs: number;
  /** Of its voice, up to the last pause. */
  endMs: number;
  /** Up to the last pause: μ-law at 8,000 Hz. */
  speech: Uint8Array;
  /** What the server's conversation has of it. */
  readonly item: MemoryItem;
  /** Undefined: it is in progress. */
  turn: number | undefined;
  /** It was sent as a whole: its text, which is still to come. */
  sent?: RequestedText | undefined;
  /** Its text was awaited, and has failed. */
  hasFailed?: boolean;
}

/** Items of earlier ones do not come any more. */
const MAX_UTTERANCES = 30;

/** The caller's utterances on one line, in order; the last one may be in progress. */
export class LineUtterances {
  #all: LineUtterance[] = [];

  get all(): readonly LineUtterance[] {
    return this.#all;
  }

  /** The one in progress. */
  get open(): LineUtterance | undefined {
    const last = this.#all.at(-1);
    return last?.turn === undefined ? last : undefined;
  }

  /** The one in progress, which has begun then if none had. */
  begin(startMs: number): LineUtterance {
    const { open } = this;
    if (open) return open;
    const begun = {
      startMs,
      endMs: startMs,
      speech: new Uint8Array(0),
      item: { parts: [] },
      turn: undefined,
    };
    this.#all.push(begun);
    if (this.#all.length > MAX_UTTERANCES) this.#all.shift();
    return begun;
  }

  paused(speech: Uint8Array, { startMs, endMs }: VoicedTime): LineUtterance {
    return Object.assign(this.begin(startMs), { startMs, endMs, speech });
  }

  /** The utterance in progress is this turn. */
  finish(turn: number): LineUtterance | undefined {
    const { open } = this;
    if (open) open.turn = turn;
    return open;
  }

  drop(utterance: LineUtterance): void {
    this.#all = this.#all.filter((one) => one !== utterance);
  }

  /** The one that an item is of: the first that it overlaps. */
  of({ startMs, endMs = Infinity }: DetectedItem): LineUtterance | undefined {
    return this.#all.find(
      (one) => one.startMs < endMs && startMs <= (one.turn === undefined ? Infinity : one.endMs),
    );
  }
}

/** The texts of its items, all of which have one; remembers a failure. */
export async function allTexts(utterance: LineUtterance, items: readonly DetectedItem[]): Promise<string[]> {
  try {
    return await Promise.all(items.map(({ text }) => text!.text));
  } catch (error) {
    utterance.hasFailed = true;
    throw error;
  }
}
