/** A multiple of the frame sizes of MP3 (576 and 1,152) and FLAC (1,152). */
const FRAMES_PER_BLOCK = 4_608;

/**
 * Splits a recording into blocks of one size, independent of the chunks it arrives in: the bytes of a file do not
 * depend on the chunks (Vorbis ends its pages where a call ends), and neither does an encoder's memory.
 */
export class PcmBlocks {
  private readonly block: Int16Array;
  private readonly channels: number;
  private readonly totalFrames: number | undefined;
  private filled = 0;
  /** Sample frames so far. */
  frames = 0;

  constructor(channels: number, totalFrames: number | undefined) {
    this.block = new Int16Array(FRAMES_PER_BLOCK * channels);
    this.channels = channels;
    this.totalFrames = totalFrames;
  }

  /** Passes every full block to `take`, which must not retain it. */
  push(pcm: Int16Array, take: (block: Int16Array) => void): void {
    this.frames += pcm.length / this.channels;
    let at = 0;
    while (at < pcm.length) {
      const count = Math.min(pcm.length - at, this.block.length - this.filled);
      this.block.set(pcm.subarray(at, at + count), this.filled);
      this.filled += count;
      at += count;
      if (this.filled < this.block.length) return;
      take(this.block);
      this.filled = 0;
    }
  }

  /** Passes the remaining samples, if any. Throws if the recording does not have the announced length. */
  end(take: (block: Int16Array) => void): void {
    if (this.frames !== (this.totalFrames ?? this.frames)) {
      throw new Error(`the recording has ${this.frames} sample frames, not ${this.totalFrames}`);
    }
    if (this.filled > 0) take(this.block.subarray(0, this.filled));
    this.filled = 0;
  }
}
