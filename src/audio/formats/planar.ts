/**
 * Converts interleaved 16-bit samples to one Float32Array per channel, multiplying each sample by `gain`. The next call
 * reuses the arrays.
 */
export class Planar {
  private readonly channels: number;
  private planes: Float32Array[] = [];

  constructor(channels: number) {
    this.channels = channels;
  }

  of(block: Int16Array, gain: number): Float32Array[] {
    const { channels } = this;
    const frames = block.length / channels;
    if (this.planes.length === 0 || this.planes[0]!.length < frames) {
      this.planes = Array.from({ length: channels }, () => new Float32Array(frames));
    }
    return this.planes.map((plane, channel) => {
      for (let i = 0, at = channel; i < frames; i++, at += channels) plane[i] = block[at]! * gain;
      return plane.length === frames ? plane : plane.subarray(0, frames);
    });
  }
}
