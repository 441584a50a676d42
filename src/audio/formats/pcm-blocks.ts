/** A multiple of the frame sizes of MP3 (576 and 1,152) and FLAC (1,152). */
const FRAMES_PER_BLOCK = 4_608;

/**
 * Cuts a recording into blocks of one size, whatever pieces it comes in: so the bytes of a file do not depend on the
 * pieces (Vorbis ends its pages where a call ends), and an encoder's memory does not depend on them either.
 */
export class PcmBlocks {
  private readonly block: Int16Array;
  private readonly channels: number;
  private readonly totalFrames: number;
  private filled = 0;
  private frames = 0;

  constructor(channels: number, totalFrames: number) {
    this.block = new Int16Array(FRAMES_PER_BLOCK * channels);
    this.channels = channels;
    this.totalFrames = totalFrames;
  }

  /** Hands every block that becomes full to `take`, which must not keep it. */
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

  /** Hands over what is left, if anything is. Throws when the recording has not the length it was said to have. */
  end(take: (block: Int16Array) => void): void {
    if (this.frames !== this.totalFrames) {
      throw new Error(`the recording has ${this.frames} sample frames, not ${this.totalFrames}`);
    }
    if (this.filled > 0) take(this.block.subarray(0, this.filled));
    this.filled = 0;
  }
}
