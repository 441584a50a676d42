import type { Flac, StreamMetadata } from 'libflacjs';
import type { Encoder, EncoderSettings, Patch } from './encoder-contract.ts';
import { joinBytes } from './join-bytes.ts';
import { loadLibflac } from './libflac.ts';
import { PcmBlocks } from './pcm-blocks.ts';

const COMPRESSION_LEVEL = 5;
/** Block size. At 8 kHz the files are 2–4 % smaller than with libFLAC's default of 4,096, at the same cost. */
const BLOCK_FRAMES = 1_152;
/** "fLaC" and the header of the first metadata block. */
const STREAMINFO_OFFSET = 8;
/** The offset of STREAMINFO's minimum frame size; the block sizes before it are correct from the start. */
const FRAME_SIZES = 4;

export async function openFlacEncoder(settings: EncoderSettings): Promise<Encoder> {
  return new FlacEncoder(await loadLibflac(), settings);
}

/** 16-bit FLAC. The two lowest bits of decoded μ-law are zero; libFLAC detects this and stores 14 bits. */
class FlacEncoder implements Encoder {
  private readonly flac: Flac;
  private readonly id: number;
  private readonly channels: number;
  private readonly blocks: PcmBlocks;
  private wide = new Int32Array(0);
  private made: Uint8Array[] = [];
  private streamInfo: StreamMetadata | undefined;
  private isDeleted = false;

  constructor(flac: Flac, settings: EncoderSettings) {
    const { sampleRateHz, channels, totalFrames } = settings;
    this.flac = flac;
    this.channels = channels;
    this.blocks = new PcmBlocks(channels, totalFrames);
    this.id = flac.create_libflac_encoder(
      sampleRateHz,
      channels,
      16,
      COMPRESSION_LEVEL,
      // 0: unknown. The patch at the end has the length.
      totalFrames ?? 0,
      false,
      BLOCK_FRAMES,
    );
    const status = flac.init_encoder_stream(
      this.id,
      (bytes) => void this.made.push(bytes),
      (metadata) => void (this.streamInfo = metadata),
    );
    if (this.id === 0 || status !== 0)
      throw new RangeError(`FLAC does not support ${sampleRateHz} Hz (${status})`);
  }

  encode(pcm: Int16Array): Uint8Array {
    this.blocks.push(pcm, this.take);
    return this.collect();
  }

  finish(): { tail: Uint8Array; patches: Patch[] } {
    try {
      this.blocks.end(this.take);
      if (!this.flac.FLAC__stream_encoder_finish(this.id))
        throw new Error('libFLAC failed to finish the stream');
    } finally {
      this.abandon();
    }
    if (this.streamInfo === undefined) throw new Error('libFLAC wrote no STREAMINFO');
    const patch = { offset: STREAMINFO_OFFSET + FRAME_SIZES, bytes: streamInfoEnd(this.streamInfo) };
    return { tail: this.collect(), patches: [patch] };
  }

  abandon(): void {
    if (this.isDeleted) return;
    this.isDeleted = true;
    this.flac.FLAC__stream_encoder_delete(this.id);
  }

  private readonly take = (block: Int16Array): void => {
    const { flac, id, channels } = this;
    if (this.wide.length < block.length) this.wide = new Int32Array(block.length);
    this.wide.set(block);
    const samples = this.wide.subarray(0, block.length);
    const done = flac.FLAC__stream_encoder_process_interleaved(id, samples, block.length / channels);
    if (!done) throw new Error('libFLAC failed to encode');
  };

  private collect(): Uint8Array {
    const bytes = joinBytes(this.made);
    this.made = [];
    return bytes;
  }
}

/**
 * The part of STREAMINFO that starts at the frame sizes (RFC 9639, 8.2): libFLAC knows the length and the MD5 only at
 * the end, when it cannot seek back to write them.
 */
function streamInfoEnd(info: StreamMetadata): Uint8Array {
  const bytes = Buffer.alloc(30);
  // Without any frame libFLAC keeps its initial value, the maximum; 0 means unknown.
  bytes.writeUIntBE(info.max_framesize === 0 ? 0 : info.min_framesize, 0, 3);
  bytes.writeUIntBE(info.max_framesize, 3, 3);
  // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of length.
  const front =
    (BigInt(info.sampleRate) << 44n) |
    (BigInt(info.channels - 1) << 41n) |
    (BigInt(info.bitsPerSample - 1) << 36n);
  bytes.writeBigUInt64BE(front | BigInt(info.total_samples), 6);
  bytes.write(info.md5sum, 14, 'hex');
  return new Uint8Array(bytes);
}
