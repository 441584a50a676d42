import type { Encoder, EncoderSettings, Patch } from './encoder-contract.ts';

const HEADER_BYTES = 44;
const BYTES_PER_SAMPLE = 2;
/** RIFF sizes are 32 bits; they exclude the first eight bytes. */
const MOST_DATA_BYTES = 0xffff_ffff - (HEADER_BYTES - 8);

/** 16-bit PCM. The header declares no samples until the end of the recording. */
export class WavEncoder implements Encoder {
  private readonly settings: EncoderSettings;
  private dataBytes = 0;
  private begun = false;

  /** Throws a RangeError beyond 4 GB, which is 37 hours of stereo at 8 kHz; FLAC holds more. */
  constructor(settings: EncoderSettings) {
    this.settings = settings;
    if (settings.totalFrames * this.bytesPerFrame > MOST_DATA_BYTES) {
      throw new RangeError(
        `${settings.totalFrames} sample frames do not fit into a WAV file (4 GB); use flac`,
      );
    }
  }

  encode(pcm: Int16Array): Uint8Array {
    const before = this.begun ? 0 : HEADER_BYTES;
    const bytes = new Uint8Array(before + pcm.length * BYTES_PER_SAMPLE);
    if (!this.begun) bytes.set(this.header());
    this.begun = true;
    bytes.set(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), before);
    this.dataBytes += pcm.byteLength;
    return bytes;
  }

  finish(): { tail: Uint8Array; patches: Patch[] } {
    const tail = this.encode(new Int16Array(0));
    const frames = this.dataBytes / this.bytesPerFrame;
    if (frames !== this.settings.totalFrames) {
      throw new Error(`the recording has ${frames} sample frames, not ${this.settings.totalFrames}`);
    }
    return { tail, patches: [{ offset: 0, bytes: this.header() }] };
  }

  private get bytesPerFrame(): number {
    return this.settings.channels * BYTES_PER_SAMPLE;
  }

  private header(): Uint8Array {
    const { sampleRateHz, channels } = this.settings;
    const header = Buffer.alloc(HEADER_BYTES);
    header.write('RIFF', 0, 'latin1');
    header.writeUInt32LE(HEADER_BYTES - 8 + this.dataBytes, 4);
    header.write('WAVEfmt ', 8, 'latin1');
    header.writeUInt32LE(16, 16);
    header.writeUInt16LE(1, 20); // PCM
    header.writeUInt16LE(channels, 22);
    header.writeUInt32LE(sampleRateHz, 24);
    header.writeUInt32LE(sampleRateHz * this.bytesPerFrame, 28);
    header.writeUInt16LE(this.bytesPerFrame, 32);
    header.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34);
    header.write('data', 36, 'latin1');
    header.writeUInt32LE(this.dataBytes, 40);
    return new Uint8Array(header);
  }
}
