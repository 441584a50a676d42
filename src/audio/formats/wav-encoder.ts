import { PCM16_HEADER_BYTES, pcm16Header } from '../wav/pcm16-header.ts';
import type { Encoder, EncoderSettings, Patch } from './encoder-contract.ts';

const BYTES_PER_SAMPLE = 2;
/** RIFF sizes are 32 bits; they exclude the first eight bytes. */
const MOST_DATA_BYTES = 0xffff_ffff - (PCM16_HEADER_BYTES - 8);

/** 16-bit PCM. The header declares no samples until the end of the recording. */
export class WavEncoder implements Encoder {
  private readonly settings: EncoderSettings;
  private dataBytes = 0;
  private begun = false;

  /** Throws a RangeError beyond 4 GB, which is 37 hours of stereo at 8 kHz; FLAC holds more. */
  constructor(settings: EncoderSettings) {
    this.settings = settings;
    this.check(settings.totalFrames ?? 0);
  }

  encode(pcm: Int16Array): Uint8Array {
    const before = this.begun ? 0 : PCM16_HEADER_BYTES;
    const bytes = new Uint8Array(before + pcm.length * BYTES_PER_SAMPLE);
    if (!this.begun) bytes.set(this.header());
    this.begun = true;
    bytes.set(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), before);
    this.dataBytes += pcm.byteLength;
    this.check(this.dataBytes / this.bytesPerFrame);
    return bytes;
  }

  finish(): { tail: Uint8Array; patches: Patch[] } {
    const tail = this.encode(new Int16Array(0));
    const frames = this.dataBytes / this.bytesPerFrame;
    if (frames !== (this.settings.totalFrames ?? frames)) {
      throw new Error(`the recording has ${frames} sample frames, not ${this.settings.totalFrames}`);
    }
    return { tail, patches: [{ offset: 0, bytes: this.header() }] };
  }

  private check(frames: number): void {
    if (frames * this.bytesPerFrame > MOST_DATA_BYTES)
      throw new RangeError(`${frames} sample frames do not fit into a WAV file (4 GB); use flac`);
  }

  private get bytesPerFrame(): number {
    return this.settings.channels * BYTES_PER_SAMPLE;
  }

  private header(): Uint8Array {
    const { sampleRateHz, channels } = this.settings;
    return pcm16Header(sampleRateHz, channels, this.dataBytes);
  }
}
