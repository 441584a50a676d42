import { decodeMulaw } from '../../audio/mulaw.ts';
import { SAMPLES_PER_MS } from '../../audio/telephone.ts';
import type { Run } from '../../call/playback/playback-runs.ts';
import type { CallEvent } from '../../events/call-events.ts';
import type { ReconstructedCall } from '../reconstructed-call.ts';
import { type Block, BlockTable } from './block-table.ts';

/** A media stream as far as it is known where its audio was heard. */
export interface PlacedStream {
  /** Its time 0 in call milliseconds. */
  readonly startMs: number;
  /** In order. */
  readonly runs: readonly Run[];
  /** Of audio sent before this position it is known when it was heard. Absent: of all of it. */
  readonly settledTo?: number;
}

/**
 * The sound of a call from its time 0 to its end: blocks of one second, the last one shorter, both sides at 8 kHz.
 * Memory does not grow with the call. A block's arrays are only valid until the next one is asked for.
 */
export function* layOutAudio(
  call: Pick<ReconstructedCall, 'lengthMs' | 'streams'>,
  events: Iterable<CallEvent>,
): Generator<Block> {
  const timeline = new AudioTimeline();
  timeline.know(call.streams);
  timeline.limitTo(recordingSamples(call));
  for (const event of events) {
    timeline.take(event);
    if (timeline.hasCompleteBlock) yield* timeline.completeBlocks();
  }
  yield* timeline.rest();
}

/** The length of a call's recording at 8,000 Hz. */
export function recordingSamples({ lengthMs }: Pick<ReconstructedCall, 'lengthMs'>): number {
  return Math.round(lengthMs * SAMPLES_PER_MS);
}

/** Lays out the sound of a call, event by event, in blocks of one second. */
export class AudioTimeline {
  readonly #table = new BlockTable();
  #streams: readonly PlacedStream[] = [];
  #index = -1;
  #position = 0;
  #run = 0;
  #begunAtMs = 0;

  /** What is known about the streams. What was known before must be its beginning. */
  know(streams: readonly PlacedStream[]): void {
    this.#streams = streams;
  }

  /** False if it is not known yet where the event's audio belongs. */
  canTake(event: CallEvent): boolean {
    if (this.#index < 0 || (event.kind !== 'caller' && event.kind !== 'sent')) return true;
    const stream = this.#streams[this.#index];
    if (!stream || event.kind === 'caller') return stream !== undefined;
    return this.#position + event.samples <= (stream.settledTo ?? Infinity);
  }

  take(event: CallEvent): void {
    if (event.kind === 'stream') {
      this.#index += 1;
      this.#position = 0;
      this.#run = 0;
      this.#begunAtMs = event.atMs;
      return;
    }
    const stream = this.#streams[this.#index];
    if (!stream) return;
    if (event.kind === 'caller') {
      const at = Math.round((stream.startMs + event.streamMs) * SAMPLES_PER_MS);
      if (event.mulaw.length > 0) this.#table.write('caller', at, decodeMulaw(event.mulaw));
      this.#table.reached(at);
    } else if (event.kind === 'sent') {
      if (event.mulaw.length > 0) this.#placeSent(stream, event.mulaw);
      this.#position += event.samples;
      this.#table.reached((stream.startMs + event.atMs - this.#begunAtMs) * SAMPLES_PER_MS);
    }
  }

  /** Whether there is a block that no later frame changes. */
  get hasCompleteBlock(): boolean {
    return this.#table.hasCompleteBlock;
  }

  /** The blocks that no later frame changes. */
  completeBlocks(): Generator<Block> {
    return this.#table.completeBlocks();
  }

  /** Sets the length of the call. False if the blocks before would have been others if it had been known: our clock jumped. */
  limitTo(samples: number): boolean {
    return this.#table.limitTo(samples);
  }

  /** The blocks up to the end of the call, when all events were taken. */
  rest(): Generator<Block> {
    return this.#table.rest();
  }

  /** A message may lie across several runs, and be cut off in any of them. */
  #placeSent(stream: PlacedStream, mulaw: Uint8Array): void {
    const from = this.#position;
    const to = from + mulaw.length;
    const pcm = decodeMulaw(mulaw);
    while (this.#run < stream.runs.length && stream.runs[this.#run]!.to <= from) this.#run += 1;
    for (let index = this.#run; index < stream.runs.length; index += 1) {
      const run: Run = stream.runs[index]!;
      if (run.from >= to) return;
      const start = Math.max(run.from, from);
      const end = Math.min(run.heardTo, to);
      if (end <= start) continue;
      const at = Math.round((stream.startMs + run.startMs) * SAMPLES_PER_MS) + (start - run.from);
      this.#table.write('assistant', at, pcm.subarray(start - from, end - from));
    }
  }
}
