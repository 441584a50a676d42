import { SAMPLES_PER_MS } from '../../audio/telephone.ts';
import type { Interval } from './stream-clock.ts';

/** Evidence that deviates from gapless playback by at most this is jitter of the media server's own 20 ms tick. */
const UNBROKEN_TOLERANCE_MS = 12;
/**
 * The position of a date within its interval. A frame is sent a little after its timestamp, never before, so a mark reached
 * between two frames lies in the later part of the interval.
 */
const DATE_SHARE = 0.6;

/** A queue with this much audio does not run empty because of jitter. */
const PLENTY_MS = 150;

/** An audio message that may have reached an empty queue. Positions are samples since the start of the stream. */
interface Boundary {
  readonly position: number;
  /** The stream's time when it was sent; never later than the true time. */
  readonly sentMs: number;
  /** The audio still to be played when it was sent, by the model; 0 or less: the queue was empty. */
  readonly leadMs: number;
}

/** A mark that returned because everything before `position` had been played. */
export interface Evidence extends Interval {
  readonly position: number;
  /** True if it was sent in one write with the audio that follows: it then dates the start of that audio. */
  readonly leads: boolean;
}

/** Audio between two clears or two long silences, with its evidence. */
export interface Segment {
  readonly from: number;
  to: number;
  boundaries: Boundary[];
  evidence: Evidence[];
  /** When the rest was dropped; `certain` once the fence has returned. */
  cut: (Interval & { readonly certain: boolean }) | undefined;
  /** Set when the segment is settled: what its boundaries and evidence, which are then empty, said at last. */
  settled: readonly Run[] | undefined;
}

/** A segment that has no audio yet. */
export function newSegment(at: number): Segment {
  return { from: at, to: at, boundaries: [], evidence: [], cut: undefined, settled: undefined };
}

/** Audio that was played without a gap. */
export interface Run {
  readonly from: number;
  /** The ends of the sent part and of the heard part: positions, exclusive. */
  readonly to: number;
  readonly heardTo: number;
  /** The stream time at which its first sample was heard, and the bounds of that time. */
  readonly startMs: number;
  readonly bounds: Interval;
  readonly evidence: 'acked' | 'estimated';
}

interface OpenRun {
  from: number;
  lo: number;
  hi: number;
  spread: number;
  acked: boolean;
}

export function dateOf({ fromMs, toMs, spreadMs = Infinity }: Interval): number {
  return toMs - Math.min(toMs - fromMs, spreadMs) * (1 - DATE_SHARE);
}

function startOf({ lo, hi, spread }: OpenRun): number {
  return dateOf({ fromMs: lo, toMs: hi, spreadMs: spread });
}

/**
 * The runs of a segment, in stream time. `untilMs`: nothing later was heard; `delayMs`: the time from sending to hearing on an
 * empty queue, for audio without evidence.
 */
export function runsOf(segment: Segment, untilMs: number, delayMs: number): Run[] {
  const opened = openRuns(segment, delayMs);
  const limitMs = segment.cut ? Math.min(untilMs, dateOf(segment.cut)) : untilMs;
  const runs: Run[] = [];
  let freeFromMs = -Infinity;
  opened.forEach((run, index) => {
    const to = opened[index + 1]?.from ?? segment.to;
    const hi = Number.isFinite(run.hi) ? run.hi : run.lo + 2 * delayMs;
    const guess = run.acked ? startOf(run) : run.lo + delayMs;
    const startMs = Math.max(guess, freeFromMs);
    const heardTo = Math.min(
      to,
      Math.max(run.from, run.from + Math.round((limitMs - startMs) * SAMPLES_PER_MS)),
    );
    freeFromMs = startMs + (to - run.from) / SAMPLES_PER_MS;
    const evidence = run.acked && (segment.cut?.certain ?? true) ? 'acked' : 'estimated';
    runs.push({ from: run.from, to, heardTo, startMs, bounds: { fromMs: run.lo, toMs: hi }, evidence });
  });
  return runs;
}

function openRuns(segment: Segment, delayMs: number): OpenRun[] {
  const first = segment.boundaries[0];
  if (!first) return [];
  let run: OpenRun = { from: segment.from, lo: first.sentMs, hi: Infinity, spread: Infinity, acked: false };
  const runs = [run];
  let witnessed: Mark = { position: segment.from, leads: false };
  for (const seen of tightened(segment.evidence)) {
    const offsetMs = (seen.position - run.from) / SAMPLES_PER_MS;
    const lo = seen.fromMs - offsetMs;
    const { spreadMs: spread = Infinity } = seen;
    const hi = seen.toMs - offsetMs;
    if (hi < run.lo - UNBROKEN_TOLERANCE_MS) continue;
    const broken = lo > run.hi ? breakBetween(segment, run.from, witnessed, seen) : undefined;
    // If the queue was empty by the model too, a gap needs no tolerance.
    const tolerance = broken && broken.leadMs <= 0 ? 0 : UNBROKEN_TOLERANCE_MS;
    if (lo > run.hi + tolerance) {
      if (broken === undefined) continue;
      // One mark delayed by a stall does not prove a gap while the queue held plenty of audio.
      if (seen.spreadMs !== undefined && broken.leadMs > PLENTY_MS) continue;
      const afterMs = (seen.position - broken.position) / SAMPLES_PER_MS;
      const earliest = Math.max(seen.fromMs - afterMs, Math.min(broken.sentMs, seen.toMs - afterMs));
      run = { from: broken.position, lo: earliest, hi: seen.toMs - afterMs, spread, acked: true };
      runs.push(run);
    } else {
      // Deviations within the tolerance never move the run: many small steps would add up.
      const from = Math.min(Math.max(run.lo, lo), run.hi);
      run.hi = Math.max(Math.min(run.hi, hi), run.lo);
      run.lo = Math.min(from, run.hi);
      run.spread = Math.min(run.spread, spread);
      run.acked = true;
    }
    witnessed = seen;
  }
  addUnwitnessed(segment, runs, witnessed, delayMs);
  return runs;
}

/** A mark dated by its arrival may be late. It cannot be later than a following mark minus the audio between them. */
function tightened(evidence: readonly Evidence[]): Evidence[] {
  const seen = [...evidence];
  for (let i = seen.length - 2; i >= 0; i -= 1) {
    const one = seen[i]!;
    const behind = seen[i + 1]!;
    const latestMs = behind.toMs - (behind.position - one.position) / SAMPLES_PER_MS;
    if (one.spreadMs === undefined || latestMs >= one.toMs) continue;
    const fromMs = Math.min(one.fromMs, latestMs - one.spreadMs);
    seen[i] = { ...one, fromMs, toMs: latestMs };
  }
  return seen;
}

type Mark = Pick<Evidence, 'position' | 'leads'>;

/** The message between two marks that most likely reached an empty queue. */
function breakBetween(segment: Segment, runFrom: number, after: Mark, before: Mark): Boundary | undefined {
  let best: Boundary | undefined;
  for (const boundary of segment.boundaries) {
    const { position } = boundary;
    if (position <= runFrom || isDated(position, after)) continue;
    if (before.leads ? position > before.position : position >= before.position) continue;
    if (!best || boundary.leadMs < best.leadMs) best = boundary;
  }
  return best;
}

/** True if the mark dates the audio that starts at the position. */
function isDated(position: number, mark: Mark): boolean {
  return mark.leads ? position <= mark.position : position < mark.position;
}

/** Adds gaps that the model predicts and no mark has confirmed yet. */
function addUnwitnessed(segment: Segment, runs: OpenRun[], witnessed: Mark, delayMs: number): void {
  for (const boundary of segment.boundaries) {
    const run = runs.at(-1)!;
    if (isDated(boundary.position, witnessed) || boundary.position === run.from) continue;
    const start = run.acked ? startOf(run) : run.lo + delayMs;
    const endMs = start + (boundary.position - run.from) / SAMPLES_PER_MS;
    if (boundary.sentMs + delayMs <= endMs + UNBROKEN_TOLERANCE_MS) continue;
    runs.push({ from: boundary.position, lo: boundary.sentMs, hi: Infinity, spread: Infinity, acked: false });
  }
}
