import { decodeMulaw } from '../audio/mulaw.ts';
import { SAMPLES_PER_MS, TELEPHONE_HZ } from '../audio/telephone.ts';
import { type Run } from '../call/playback/playback-runs.ts';
import type { CallEvent } from '../events/call-events.ts';
import type { ReconstructedCall, ReconstructedStream } from './reconstructed-call.ts';

/** A second of both sides. */
const BLOCK_SAMPLES = TELEPHONE_HZ;
/** How far behind the newest sound a block stays open for late frames. */
const OPEN_BLOCKS = 30;

export interface Block {
  readonly caller: Int16Array;
  /** Assistant and operator. */
  readonly assistant: Int16Array;
}

/**
 * The sound of a call from its time 0 to its end: blocks of one second, the last one shorter, both sides at 8 kHz.
 * Memory does not grow with the call. A block's arrays are only valid until the next one is asked for.
 */
export function* layOutAudio(call: ReconstructedCall, events: Iterable<CallEvent>): Generator<Block> {
  const table = new BlockTable(Math.round(call.lengthMs * SAMPLES_PER_MS));
  const place = new Placer(call, table);
  for (const event of events) {
    place.take(event);
    yield* table.closeUpTo(table.newest - OPEN_BLOCKS);
  }
  yield* table.closeUpTo(Infinity);
}

/** Puts the sound of each event where it was heard. */
class Placer {
  readonly #streams: readonly ReconstructedStream[];
  readonly #table: BlockTable;
  #index = -1;
  #position = 0;
  #run = 0;
  #begunAtMs = 0;

  constructor(call: ReconstructedCall, table: BlockTable) {
    this.#streams = call.streams;
    this.#table = table;
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

  /** A message may lie across several runs, and be cut off in any of them. */
  #placeSent(stream: ReconstructedStream, mulaw: Uint8Array): void {
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

/** The blocks that are still being filled. */
class BlockTable {
  readonly #length: number;
  readonly #open = new Map<number, { caller: Int16Array; assistant: Int16Array }>();
  readonly #silence = new Int16Array(BLOCK_SAMPLES);
  #next = 0;
  newest = 0;

  constructor(length: number) {
    this.#length = length;
  }

  /** The call has reached `at`. Sent audio is ahead of it until it is heard. */
  reached(at: number): void {
    this.newest = Math.max(this.newest, Math.floor(Math.min(at, this.#length) / BLOCK_SAMPLES));
  }

  /** Audio before the open blocks or outside the call is skipped. */
  write(side: keyof Block, at: number, pcm: Int16Array): void {
    const end = Math.min(this.#length, at + pcm.length);
    let position = Math.max(at, this.#next * BLOCK_SAMPLES, 0);
    while (position < end) {
      const index = Math.floor(position / BLOCK_SAMPLES);
      const offset = position - index * BLOCK_SAMPLES;
      const part = pcm.subarray(position - at, Math.min(end - at, position - at + BLOCK_SAMPLES - offset));
      this.#block(index)[side].set(part, offset);
      position += part.length;
    }
  }

  *closeUpTo(index: number): Generator<Block> {
    const blocks = Math.ceil(this.#length / BLOCK_SAMPLES);
    while (this.#next < Math.min(index, blocks)) {
      const block = this.#open.get(this.#next) ?? { caller: this.#silence, assistant: this.#silence };
      this.#open.delete(this.#next);
      const samples = Math.min(BLOCK_SAMPLES, this.#length - this.#next * BLOCK_SAMPLES);
      this.#next += 1;
      yield { caller: block.caller.subarray(0, samples), assistant: block.assistant.subarray(0, samples) };
    }
  }

  #block(index: number): { caller: Int16Array; assistant: Int16Array } {
    let block = this.#open.get(index);
    if (!block) {
      block = { caller: new Int16Array(BLOCK_SAMPLES), assistant: new Int16Array(BLOCK_SAMPLES) };
      this.#open.set(index, block);
    }
    return block;
  }
}
