import { SAMPLES_PER_MS } from '../../audio/telephone.ts';
import { EarlyEvidence } from './early-evidence.ts';
import { dateOf, newSegment, type Run, runsOf, type Segment } from './playback-runs.ts';
import { type Echo, type PendingMark, wasDropped } from './returned-marks.ts';
import { StreamClock } from './stream-clock.ts';
import { isSettled, UnsettledSegments } from './unsettled-segments.ts';

/** A queue that has been empty this long by our model is empty at the media server too. */
const SURELY_EMPTY_MS = 1_500;
/** The assumed time from sending a message to the return of its mark, until a mark has returned. */
const UNKNOWN_DELAY_MS = 300;
/** The number of segments a live call keeps: more than the conversation still asks about. */
const SEGMENTS_KEPT = 32;

/** What was heard of a piece. Times are stream milliseconds, undefined if nothing was heard. */
export interface HeardPiece {
  readonly sentSamples: number;
  readonly heardSamples: number;
  readonly startMs?: number | undefined;
  readonly endMs?: number | undefined;
  readonly evidence: 'acked' | 'estimated';
  readonly bounds?: { readonly fromMs: number; readonly toMs: number } | undefined;
}

/**
 * Tracks what one stream has sent, what is audible now and what was heard. Events must be passed in the order in which they
 * happened; the results are the same for a live call and for its journal.
 */
export class Playback {
  readonly clock: StreamClock;
  readonly #keepAll: boolean;
  readonly #segments: Segment[] = [];
  readonly #pieces = new Map<number, { from: number; to: number }>();
  readonly #pending = new Map<string, PendingMark>();
  #lastMark: PendingMark | undefined;
  #echoes: Echo[] = [];
  readonly #early = new EarlyEvidence();
  readonly #unsettled = new UnsettledSegments(this.#pending, this.#early);
  #position = 0;
  #modelEndMs = 0;
  /** The time from sending on an empty queue to the return of the mark: both directions of the network. */
  #delayMs: number | undefined;
  #ended: number | undefined;

  constructor(startedAtMs: number, options: { keepAll?: boolean } = {}) {
    this.clock = new StreamClock(startedAtMs);
    this.#keepAll = options.keepAll ?? false;
  }

  /** Samples sent so far. */
  get position(): number {
    return this.#position;
  }

  /** True while a mark or a fence has not returned. */
  get awaitsMarks(): boolean {
    return this.#pending.size > 0;
  }

  frame(streamMs: number, samples: number, atMs: number): void {
    this.#date(streamMs);
    this.clock.frame(streamMs, samples / SAMPLES_PER_MS, atMs);
    this.#early.frame(this.clock.zeroAtMs);
    this.#settle();
  }

  /** Milliseconds of sent audio that are still to be heard, by a model that never overestimates. */
  leadMs(atMs: number): number {
    return this.#modelEndMs - this.clock.nowMs(atMs);
  }

  /** The lead that will remain when a message sent now arrives; negative by the delay at most. */
  leadOnArrivalMs(atMs: number): number {
    return Math.max(0, this.leadMs(atMs)) - (this.#delayMs ?? UNKNOWN_DELAY_MS);
  }

  sent(piece: number, samples: number, atMs: number): void {
    const sentMs = this.clock.nowMs(atMs);
    const leadMs = this.#modelEndMs - sentMs;
    const segment = this.#openSegment(leadMs);
    segment.boundaries.push({ position: this.#position, sentMs, leadMs });
    const mark = this.#lastMark;
    if (mark && mark.position === this.#position && mark.atMs === atMs) mark.leads = true;
    const known = this.#pieces.get(piece);
    this.#pieces.set(piece, { from: known?.from ?? this.#position, to: this.#position + samples });
    this.#position += samples;
    segment.to = this.#position;
    this.#modelEndMs = Math.max(this.#modelEndMs, sentMs) + samples / SAMPLES_PER_MS;
  }

  markSent(name: string, atMs: number): void {
    const segment = this.#openSegment(this.leadMs(atMs));
    this.#lastMark = { name, position: this.#position, segment, fence: false, atMs, leads: false };
    this.#pending.set(name, this.#lastMark);
  }

  /** `clear` and its fence were sent: audio that was not played yet is dropped. */
  cleared(fence: string, atMs: number): void {
    const segment = this.#openSegment(1);
    const guess = this.clock.nowMs(atMs) + (this.#delayMs ?? 0);
    segment.cut = { fromMs: guess, toMs: guess, certain: false };
    this.#pending.set(fence, {
      name: fence,
      position: this.#position,
      segment,
      fence: true,
      atMs,
      leads: false,
    });
    this.#modelEndMs = Math.min(this.#modelEndMs, this.clock.nowMs(atMs));
  }

  /** A mark returned; false if none of that name is pending. The next frame dates it. */
  markReturned(name: string, atMs: number): boolean {
    const mark = this.#pending.get(name);
    if (!mark) return false;
    this.#pending.delete(name);
    this.#echoes.push({ mark, atMs, beforeMs: this.clock.lastTimestampMs });
    return true;
  }

  /** Dates returned marks that no frame has followed: for lines that carry no frames while the caller is silent. */
  dateLastMarks(atMs: number): void {
    const newest = this.#echoes.at(-1);
    if (newest && atMs - newest.atMs > 100) this.#date(undefined);
  }

  /** The stream ended at `atMs`: nothing later was heard. Returns its length in milliseconds. */
  ended(atMs: number): number {
    if (this.#ended === undefined) {
      this.#date(undefined);
      this.#ended = this.clock.endMs(atMs);
      this.#pending.clear();
    }
    return this.#ended;
  }

  /** No later event changes the runs of audio before this position. */
  get settledTo(): number {
    return this.#ended === undefined ? (this.#unsettled.from ?? this.#position) : this.#position;
  }

  /** Forgets settled audio, for a reader that has its runs and asks about no piece. */
  forgetSettled(): void {
    while (this.#segments[0] && isSettled(this.#segments[0])) this.#forgetOldest();
  }

  /** True if the piece was sent and its segment is still kept. */
  knows(piece: number): boolean {
    return this.#pieces.has(piece);
  }

  /** What was heard of a piece up to now. */
  heard(piece: number, atMs: number): HeardPiece {
    const span = this.#pieces.get(piece);
    if (!span) return { sentSamples: 0, heardSamples: 0, evidence: 'acked' };
    let heardSamples = 0;
    let startMs: number | undefined;
    let endMs: number | undefined;
    let bounds: Run['bounds'] | undefined;
    let acked = true;
    for (const run of this.runs(atMs, span)) {
      const from = Math.max(run.from, span.from);
      const to = Math.min(run.heardTo, span.to);
      if (run.evidence === 'estimated') acked = false;
      if (to <= from) continue;
      const offsetMs = (from - run.from) / SAMPLES_PER_MS;
      heardSamples += to - from;
      startMs ??= run.startMs + offsetMs;
      bounds ??= { fromMs: run.bounds.fromMs + offsetMs, toMs: run.bounds.toMs + offsetMs };
      endMs = run.startMs + (to - run.from) / SAMPLES_PER_MS;
    }
    return {
      sentSamples: span.to - span.from,
      heardSamples,
      startMs,
      endMs,
      bounds,
      evidence: acked ? 'acked' : 'estimated',
    };
  }

  /** The runs within the given positions (default: all), in order. Recomputed at each call, linear in the number of segments. Times are stream milliseconds. */
  runs(atMs: number, within: { from: number; to: number } = { from: 0, to: Infinity }): Run[] {
    const until = this.#ended ?? this.clock.nowMs(atMs) + (this.#delayMs ?? 0);
    const found: Run[] = [];
    for (const segment of this.#segments) {
      if (segment.to <= within.from || segment.from >= within.to) continue;
      for (const run of segment.settled ?? runsOf(segment, until, this.#delayMs ?? 0)) {
        if (run.to > within.from && run.from < within.to) found.push(run);
      }
    }
    return found;
  }

  #openSegment(leadMs: number): Segment {
    const last = this.#segments.at(-1);
    const stale = last && last.to > last.from && leadMs < -SURELY_EMPTY_MS && this.#pending.size === 0;
    if (last && !last.cut && !stale && !isSettled(last)) return last;
    const segment = newSegment(this.#position);
    this.#segments.push(segment);
    this.#unsettled.add(segment);
    if (!this.#keepAll && this.#segments.length > SEGMENTS_KEPT) this.#forgetOldest();
    return segment;
  }

  #settle(): void {
    const reachedMs = this.clock.lastTimestampMs;
    const lastIsOver = this.#pending.size === 0 && this.#modelEndMs - reachedMs < -SURELY_EMPTY_MS;
    this.#unsettled.settle(lastIsOver, reachedMs, this.#delayMs ?? 0);
  }

  #forgetOldest(): void {
    const oldest = this.#segments.shift()!;
    this.#unsettled.remove(oldest);
    for (const [piece, span] of this.#pieces)
      if (span.to <= oldest.to && span.from < oldest.to) this.#pieces.delete(piece);
  }

  #date(afterMs: number | undefined): void {
    if (this.#echoes.length === 0) return;
    const echoes = this.#echoes;
    this.#echoes = [];
    echoes.forEach((echo, index) => {
      const seen = this.clock.date(echo.atMs, echo.beforeMs, afterMs);
      const { mark } = echo;
      if (mark.fence) {
        mark.segment.cut = { ...seen, certain: true };
        return;
      }
      if (wasDropped(echoes, index, afterMs)) return;
      const { evidence } = mark.segment;
      const at = evidence.push({ position: mark.position, leads: mark.leads, ...seen }) - 1;
      const byArrival = seen.spreadMs !== undefined;
      if (byArrival && !this.clock.hasFrames) this.#early.add(evidence, at, this.clock.zeroAtMs);
      this.#learn(mark, seen);
    });
  }

  #learn(mark: PendingMark, seen: { fromMs: number; toMs: number }): void {
    const boundary = mark.leads
      ? mark.segment.boundaries.findLast((one) => one.position === mark.position)
      : undefined;
    if (boundary && boundary.leadMs <= 0) this.#delayMs = Math.max(0, dateOf(seen) - boundary.sentMs);
    if (this.#segments.at(-1) !== mark.segment || mark.segment.cut) return;
    this.#modelEndMs = seen.fromMs + (this.#position - mark.position) / SAMPLES_PER_MS;
  }
}
