import type { Run } from '../../call/playback/playback-runs.ts';
import type { CallEvent } from '../../events/call-events.ts';
import type { ReconstructedCall } from '../reconstructed-call.ts';
import { LineFold } from '../reconstruction/line-fold.ts';
import { TalkFold } from '../reconstruction/talk-fold.ts';
import { AudioTimeline, type PlacedStream, recordingSamples } from './audio-timeline.ts';
import type { Block } from './block-table.ts';

/** The complete events of a journal from an offset on, each with the offset behind it. */
export type JournalSource = (
  offset: number,
) => Iterable<{ readonly event: CallEvent; readonly endsAt: number }>;

/**
 * The sound of a call that lasts, as far as no later event can change it. The journal is read twice: once to find out what is
 * settled, and behind that, once to lay out the audio. Memory does not grow with the audio.
 */
export class SettledAudio {
  readonly #source: JournalSource;
  readonly #line = new LineFold(new TalkFold());
  readonly #timeline = new AudioTimeline();
  #streams: readonly PlacedStream[] = [];
  /** Whether what was known once stayed true. */
  #isConsistent = true;
  /** How far the journal was read for the one and the other purpose. */
  #readTo = 0;
  #laidOutTo = 0;

  constructor(source: JournalSource) {
    this.#source = source;
  }

  /** Reads what has been written since. `seen` receives each event once. */
  read(seen: (event: CallEvent) => void): void {
    for (const { event, endsAt } of this.#source(this.#readTo)) {
      this.#readTo = endsAt;
      this.#line.take(event);
      seen(event);
    }
    this.#know(this.#line.settled());
  }

  /** The blocks that are settled, each once. If the loop is left, the next one continues there. */
  *blocks(): Generator<Block> {
    yield* this.#timeline.completeBlocks();
    for (const { event, endsAt } of this.#source(this.#laidOutTo)) {
      if (endsAt > this.#readTo || !this.#timeline.canTake(event)) return;
      this.#timeline.take(event);
      this.#laidOutTo = endsAt;
      if (this.#timeline.hasCompleteBlock) yield* this.#timeline.completeBlocks();
    }
  }

  /** The remaining blocks of the call, which has ended. Undefined if the blocks so far are not the beginning of its recording. */
  rest(call: Pick<ReconstructedCall, 'lengthMs' | 'streams'>): Generator<Block> | undefined {
    this.#know(call.streams);
    const hasSameBlocks = this.#timeline.limitTo(recordingSamples(call));
    return this.#isConsistent && hasSameBlocks ? this.#restOf() : undefined;
  }

  #know(streams: readonly PlacedStream[]): void {
    this.#isConsistent &&= isContinuation(this.#streams, streams);
    this.#streams = streams;
    this.#timeline.know(streams);
  }

  *#restOf(): Generator<Block> {
    yield* this.#timeline.completeBlocks();
    for (const { event } of this.#source(this.#laidOutTo)) {
      this.#timeline.take(event);
      if (this.#timeline.hasCompleteBlock) yield* this.#timeline.completeBlocks();
    }
    yield* this.#timeline.rest();
  }
}

/** Whether what was known about the streams is the beginning of what is known now. */
function isContinuation(known: readonly PlacedStream[], streams: readonly PlacedStream[]): boolean {
  return known.every(({ startMs, runs }, index) => {
    const stream = streams[index];
    return stream?.startMs === startMs && runs.every((run, at) => isSameRun(run, stream.runs[at]));
  });
}

function isSameRun(run: Run, now: Run | undefined): boolean {
  return (
    now?.from === run.from && now.to === run.to && now.heardTo === run.heardTo && now.startMs === run.startMs
  );
}
