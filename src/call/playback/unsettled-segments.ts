import type { EarlyEvidence } from './early-evidence.ts';
import { runsOf, type Segment } from './playback-runs.ts';
import type { PendingMark } from './returned-marks.ts';

const NONE: never[] = [];
Object.freeze(NONE);

/**
 * The segments of a stream whose runs may still change. A segment is settled when no audio can join it, its marks have
 * returned, and all of its audio was heard or cut: then nothing that happens later changes its runs. A settled segment keeps its runs alone.
 */
export class UnsettledSegments {
  readonly #segments: Segment[] = [];
  readonly #pending: ReadonlyMap<string, PendingMark>;
  readonly #early: EarlyEvidence;

  /** `pending`: the marks that have not returned. */
  constructor(pending: ReadonlyMap<string, PendingMark>, early: EarlyEvidence) {
    this.#pending = pending;
    this.#early = early;
  }

  /** All audio before this position is settled; undefined: all that was sent. */
  get from(): number | undefined {
    return this.#segments[0]?.from;
  }

  add(segment: Segment): void {
    this.#segments.push(segment);
  }

  remove(segment: Segment): void {
    if (this.#segments[0] === segment) this.#segments.shift();
  }

  /**
   * Settles segments from the first on. `lastIsOver`: the next audio begins a new segment in any case. `reachedMs`: the stream
   * lasts until then at least. `delayMs`: from sending to hearing on an empty queue, kept for audio without evidence.
   */
  settle(lastIsOver: boolean, reachedMs: number, delayMs: number): void {
    for (let first = this.#segments[0]; first; first = this.#segments[0]) {
      if (this.#segments.length === 1 && !(lastIsOver && first.to > first.from)) return;
      if (this.#isAwaited(first) || !isPlayedOut(first, reachedMs, delayMs)) return;
      settle(first, delayMs);
      this.#segments.shift();
    }
  }

  /** Whether evidence of the segment may still come or change. */
  #isAwaited(segment: Segment): boolean {
    for (const mark of this.#pending.values()) if (mark.segment === segment) return true;
    return this.#early.holds(segment.evidence);
  }
}

/** True if no later event changes the segment's runs. */
export function isSettled({ settled }: Segment): boolean {
  return settled !== undefined;
}

function settle(segment: Segment, delayMs: number): void {
  // A copy has no room to grow: a live call keeps many of them.
  segment.settled = [...runsOf(segment, Infinity, delayMs)];
  segment.boundaries = NONE;
  segment.evidence = NONE;
}

/** True if the heard parts of the runs are the same however long the stream still lasts. */
function isPlayedOut(segment: Segment, reachedMs: number, delayMs: number): boolean {
  const heard = runsOf(segment, reachedMs, delayMs);
  return runsOf(segment, Infinity, delayMs).every(({ heardTo }, index) => heardTo === heard[index]!.heardTo);
}
