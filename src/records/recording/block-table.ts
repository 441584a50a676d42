import { TELEPHONE_HZ } from '../../audio/telephone.ts';

/** A second of both sides. */
const BLOCK_SAMPLES = TELEPHONE_HZ;
/** How far behind the newest sound a block stays open for late frames. */
const OPEN_BLOCKS = 30;

/** A second of a call, at 8 kHz. */
export interface Block {
  readonly caller: Int16Array;
  /** Assistant and operator. */
  readonly assistant: Int16Array;
}

/** The blocks that are still being filled. */
export class BlockTable {
  readonly #open = new Map<number, { caller: Int16Array; assistant: Int16Array }>();
  readonly #silence = new Int16Array(BLOCK_SAMPLES);
  /** Of the call, when it is known. */
  #length = Infinity;
  #next = 0;
  #newest = 0;

  /** The call has reached `at`. Sent audio is ahead of it until it is heard. */
  reached(at: number): void {
    this.#newest = Math.max(this.#newest, Math.floor(Math.min(at, this.#length) / BLOCK_SAMPLES));
  }

  /** Sets the length of the call. False if the blocks before would have been others if it had been known: our clock jumped. */
  limitTo(samples: number): boolean {
    this.#length = samples;
    return this.#newest <= Math.floor(samples / BLOCK_SAMPLES);
  }

  get hasCompleteBlock(): boolean {
    return this.#next < this.#newest - OPEN_BLOCKS;
  }

  /** Audio before the open blocks or after the end of the call is skipped. */
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

  *completeBlocks(): Generator<Block> {
    while (this.hasCompleteBlock) yield this.#close(BLOCK_SAMPLES);
  }

  /** The rest of the call, whose length is known. */
  *rest(): Generator<Block> {
    while (this.#next * BLOCK_SAMPLES < this.#length)
      yield this.#close(Math.min(BLOCK_SAMPLES, this.#length - this.#next * BLOCK_SAMPLES));
  }

  #close(samples: number): Block {
    const block = this.#open.get(this.#next) ?? { caller: this.#silence, assistant: this.#silence };
    this.#open.delete(this.#next);
    this.#next += 1;
    return { caller: block.caller.subarray(0, samples), assistant: block.assistant.subarray(0, samples) };
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
