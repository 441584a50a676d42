import { crc16 } from './crc16.ts';
import { mp3FrameBytes, type Mp3Frames, mp3FramesAt } from './mp3-bitrates.ts';

/** Encoder delay of LAME in samples; a decoder adds its own 529 to the samples it skips. */
const ENCODER_DELAY = 576;
const HEADER_BYTES = 4;
const XING_BYTES = 120;
const LAME_BYTES = 36;
/** Flags: number of frames, number of bytes, table of contents and quality are present. */
const ALL_FIELDS = 0x0f;
/** 100 - 10 × VBR quality 4 - quality 3, as written by LAME for these settings. */
const QUALITY = 57;
const CONSTANT_BITRATE = 1;
/** Psychoacoustic model "nspsytune" (1) and the type of hearing threshold (4), LAME's defaults. */
const ENCODER_FLAGS = 0x14;

/** Properties of the stream that an Info frame describes. */
export interface Mp3Stream {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly kbps: number;
}

/**
 * The frame in front of an MP3 stream that tells decoders how many samples to skip and to drop, where to seek to, and
 * how to detect damage: Xing's "Info" with LAME's extension (the "MP3 Info Tag revision 1" specification, LAME's
 * VbrTag.c). Decoders that do not know it play a silent frame.
 */
export class LameInfoFrame {
  readonly bytes: number;
  private readonly stream: Mp3Stream;
  private readonly frames: Mp3Frames;
  /** kbit/s of this frame: that of the stream, or the lowest that has room for the tag. */
  private readonly kbps: number;
  private audioBytes = 0;
  private audioCrc = 0;
  private firstHeader: Uint8Array | undefined;

  constructor(stream: Mp3Stream) {
    const { sampleRateHz, channels, kbps } = stream;
    this.stream = stream;
    this.frames = mp3FramesAt(sampleRateHz);
    const needed = HEADER_BYTES + this.frames.sideInfoBytes[channels] + XING_BYTES + LAME_BYTES;
    this.kbps = this.frames.bitrates.find(
      (one) => one >= kbps && Math.floor(mp3FrameBytes(sampleRateHz, one)) >= needed,
    )!;
    this.bytes = Math.floor(mp3FrameBytes(sampleRateHz, this.kbps));
  }

  /** Records the audio frames that follow this one. */
  count(audio: Uint8Array): void {
    if (audio.length === 0) return;
    this.firstHeader ??= audio.slice(0, HEADER_BYTES);
    this.audioBytes += audio.length;
    this.audioCrc = crc16(audio, this.audioCrc);
  }

  /** Builds the frame for a stream that decodes to `totalFrames` samples of each channel. */
  build(totalFrames: number, encoder: string): Uint8Array {
    const { sampleRateHz, channels, kbps } = this.stream;
    const frameBytes = mp3FrameBytes(sampleRateHz, kbps);
    const audioFrames = Math.round(this.audioBytes / frameBytes);
    const isWhole = Math.abs(audioFrames * frameBytes - this.audioBytes) < 1;
    const padding = audioFrames * this.frames.samplesPerFrame - ENCODER_DELAY - totalFrames;
    if (!isWhole || padding < 0 || padding > 0xfff || this.firstHeader === undefined) {
      throw new Error(`the MP3 encoder wrote ${this.audioBytes} bytes for ${totalFrames} samples`);
    }
    const frame = Buffer.alloc(this.bytes);
    frame.set(this.header(this.firstHeader));
    const xing = HEADER_BYTES + this.frames.sideInfoBytes[channels];
    const fileBytes = this.bytes + this.audioBytes;
    this.writeXing(frame.subarray(xing), audioFrames, fileBytes);
    const lame = frame.subarray(xing + XING_BYTES);
    lame.write(encoder, 0, 9, 'latin1');
    lame[9] = CONSTANT_BITRATE;
    lame[19] = ENCODER_FLAGS;
    lame[20] = Math.min(kbps, 255);
    lame.writeUIntBE((ENCODER_DELAY << 12) | padding, 21, 3);
    lame[24] = channels === 1 ? 0 : STEREO_MODE[this.firstHeader[3]! >> 6]! << 2;
    lame.writeUInt16BE(kbps, 26);
    lame.writeUInt32BE(fileBytes, 28);
    lame.writeUInt16BE(this.audioCrc, 32);
    lame.writeUInt16BE(crc16(frame.subarray(0, xing + XING_BYTES + 34)), 34);
    return new Uint8Array(frame);
  }

  /** The header of the stream with this frame's bitrate, without padding and mode extension. */
  private header(first: Uint8Array): Uint8Array {
    const header = first.slice();
    header[2] = (this.frames.bitrates.indexOf(this.kbps) << 4) | (first[2]! & 0x0d);
    header[3] = first[3]! & 0xcf;
    return header;
  }

  private writeXing(xing: Buffer, audioFrames: number, fileBytes: number): void {
    xing.write('Info', 0, 'latin1');
    xing.writeUInt32BE(ALL_FIELDS, 4);
    xing.writeUInt32BE(audioFrames, 8);
    xing.writeUInt32BE(fileBytes, 12);
    const frameBytes = this.audioBytes / audioFrames;
    for (let percent = 0; percent < 100; percent++) {
      const at = this.bytes + Math.floor((percent / 100) * audioFrames) * frameBytes;
      xing[16 + percent] = Math.min(255, Math.floor((256 * at) / fileBytes));
    }
    xing.writeUInt32BE(QUALITY, 116);
  }
}

/** LAME's number for the channel mode of a frame header: stereo 1, joint 3, dual 2, mono 0. */
const STEREO_MODE = [1, 3, 2, 0];
