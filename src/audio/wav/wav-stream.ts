import alawmulaw from 'alawmulaw';
import { containerOf } from '../container.ts';
import { audioKindOf } from '../decoders/audio-kind.ts';
import type { AudioStream, PcmPiece } from '../decoders/pcm-piece.ts';
import { decodeMulaw } from '../mulaw.ts';
import { UnreadableAudio } from '../unreadable-audio.ts';
import { readWavHeader, type WavHeader } from './wav-header.ts';

const MAX_HEADER_BYTES = 64 * 1024;
const MAX_CHANNELS = 8;
const RIFF_NAMES = ['RIFF', 'RF64', 'BW64'];
/** A file may begin anywhere in the samples: "RIFF", four bytes of length, "WAVE". */
const START_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** What may stand behind samples of unknown length: an error, or a chunk. It is held back, because it would be heard as noise. */
const MAX_TRAILER_BYTES = 512;

type State =
  | { readonly kind: 'header' }
  | { readonly kind: 'samples'; readonly header: WavHeader; bytesLeft: number }
  /** Between the samples and the next file, or behind the last one. */
  | { readonly kind: 'chunks'; readonly header: WavHeader; skip: number };

/**
 * Decodes a WAV stream to one channel while it arrives: PCM of 8, 16, 24 and 32 bits, float, μ-law and A-law, RF64, several files
 * in a row. Length fields are not trusted, because servers that stream do not know the length when they write the header: samples
 * continue until another file, a chunk or the end. Push the bytes in any portions. Throws `UnreadableAudio`.
 */
export class WavStream implements AudioStream {
  #pending: Uint8Array = new Uint8Array(0);
  #state: State = { kind: 'header' };

  read(bytes: Uint8Array): PcmPiece[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    return this.#decoded(false);
  }

  /** The samples that were held back. Throws if the stream ends within its first header. */
  end(): PcmPiece[] {
    const pieces = this.#decoded(true);
    if (this.#state.kind === 'header' && this.#pending.length >= START_BYTES)
      throw UnreadableAudio.wav('it ends within its header');
    return pieces;
  }

  close(): void {}

  #decoded(complete: boolean): PcmPiece[] {
    const pieces: PcmPiece[] = [];
    for (;;) {
      const piece = this.#step(complete);
      if (piece === undefined) return pieces;
      if (piece.pcm.length > 0) pieces.push(piece);
    }
  }

  /** Undefined if more bytes are needed. */
  #step(complete: boolean): PcmPiece | undefined {
    if (this.#state.kind === 'header') return this.#header();
    if (this.#state.kind === 'chunks') return this.#chunk(this.#state, complete);
    return this.#samples(this.#state, complete);
  }

  #header(): PcmPiece | undefined {
    const written = readWavHeader(this.#pending);
    const header = written && withPossibleBlocks(written);
    if (header === undefined && this.#pending.length < MAX_HEADER_BYTES) return undefined;
    if (header === undefined) throw UnreadableAudio.wav('it has no samples');
    checkFormat(header);
    this.#pending = this.#pending.subarray(header.dataAt);
    this.#state = { kind: 'samples', header, bytesLeft: header.dataBytes };
    return { pcm: new Int16Array(0), sampleRateHz: header.sampleRateHz };
  }

  #samples(state: State & { kind: 'samples' }, complete: boolean): PcmPiece | undefined {
    const { header } = state;
    const { frameBytes, sampleRateHz } = header;
    const next = startOfFile(this.#pending);
    const reachable = Math.min(this.#pending.length, state.bytesLeft);
    // Without a next file, one could begin in the last bytes.
    const held = complete || state.bytesLeft <= reachable ? 0 : MAX_TRAILER_BYTES;
    const trailer = complete ? trailerOf(this.#pending.subarray(0, reachable)) : 0;
    const end = next === undefined ? Math.max(0, reachable - held - trailer) : Math.min(next, reachable);
    const usable = Math.floor(end / frameBytes) * frameBytes;
    const pcm = decodeFrames(this.#pending.subarray(0, usable), header);
    if (next !== undefined && next <= reachable) {
      this.#pending = this.#pending.subarray(next);
      this.#state = { kind: 'header' };
      return { pcm, sampleRateHz };
    }
    this.#pending = this.#pending.subarray(usable);
    state.bytesLeft -= usable;
    if (state.bytesLeft < frameBytes) {
      this.#state = { kind: 'chunks', header, skip: state.bytesLeft + (header.dataBytes % 2) };
      return { pcm, sampleRateHz };
    }
    return usable > 0 ? { pcm, sampleRateHz } : undefined;
  }

  #chunk(state: State & { kind: 'chunks' }, complete: boolean): PcmPiece | undefined {
    const skipped = Math.min(state.skip, this.#pending.length);
    this.#pending = this.#pending.subarray(skipped);
    state.skip -= skipped;
    if (state.skip > 0 || this.#pending.length < START_BYTES) return undefined;
    const { header } = state;
    const piece = { pcm: new Int16Array(0), sampleRateHz: header.sampleRateHz };
    if (startOfFile(this.#pending) === 0) this.#state = { kind: 'header' };
    else if (isJoinedText(this.#pending)) state.skip = Infinity;
    else if (startsLikeTag(this.#pending)) state.skip = tagBytes(this.#pending);
    else if (startsLikeChunk(this.#pending)) state.skip = CHUNK_HEADER_BYTES + evenSizeOf(this.#pending);
    else if (!this.#beyondLength(header, complete)) return undefined;
    return piece;
  }

  /** Reads bytes after the stated length that begin neither a file nor a chunk: they are more samples. Returns false if more bytes are needed. */
  #beyondLength(header: WavHeader, complete: boolean): boolean {
    const next = audioKindOf(this.#pending, complete);
    if (next?.kind === 'compressed') throw UnreadableAudio.wav(`${next.format} follows in the same response`);
    if (next?.kind === 'other') throw UnreadableAudio.wav(`${next.name} follows in the same response`);
    if (next !== undefined) this.#state = { kind: 'samples', header, bytesLeft: Infinity };
    return next !== undefined;
  }
}

/** A block size without room for one sample of each channel is a mistake of the recorder; the only possible one is meant. */
function withPossibleBlocks(header: WavHeader): WavHeader {
  return {
    ...header,
    frameBytes: Math.max(header.frameBytes, Math.ceil((header.bitsPerSample * header.channels) / 8)),
  };
}

/** The offset of the next WAV file in these bytes. */
function startOfFile(bytes: Uint8Array): number | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = view.indexOf('WAVE'); at >= 0; at = view.indexOf('WAVE', at + 1)) {
    if (at >= 8 && RIFF_NAMES.includes(view.toString('latin1', at - 8, at - 4))) return at - 8;
  }
  return undefined;
}

/** The bytes at the end that are no samples: a text of the server, or a chunk of a known name. */
function trailerOf(bytes: Uint8Array): number {
  const tail = Buffer.from(bytes.subarray(-MAX_TRAILER_BYTES)).toString('latin1');
  const text = /[\r\n]*[{<[][\s"!a-z{[][\t\n\r -~]{10,}$/iu.exec(tail);
  if (text) return tail.length - text.index;
  const chunk = /(?:LIST|id3 |ID3 |bext|iXML|JUNK)([^]{4})[^]*$/u.exec(tail);
  if (!chunk) return 0;
  const size = Buffer.from(chunk[1]!, 'latin1').readUInt32LE(0);
  return size + CHUNK_HEADER_BYTES <= chunk[0].length ? tail.length - chunk.index : 0;
}

/** Some programs append a tag of ID3 without a chunk (ID3v2.4, 3.1: its size has 7 bits in each byte). */
function startsLikeTag(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 3)).toString('latin1') === 'ID3' && bytes[3]! < 0xff;
}

function tagBytes(bytes: Uint8Array): number {
  return 10 + bytes.subarray(6, 10).reduce((size, byte) => (size << 7) | (byte & 0x7f), 0);
}

function startsLikeChunk(bytes: Uint8Array): boolean {
  if (containerOf(bytes) !== undefined) return false;
  return /^[A-Za-z][A-Za-z0-9 _]{3}$/u.test(Buffer.from(bytes.subarray(0, 4)).toString('latin1'));
}

/** An error or a log line that a server writes behind the file. */
function isJoinedText(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, START_BYTES)).toString('latin1');
  return /^\s*[{<[][\s"!a-z{[]/iu.test(start) && /^[\t\n\r -~]+$/u.test(start);
}

function evenSizeOf(bytes: Uint8Array): number {
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  return size + (size % 2);
}

/** By format tag and bits: the 16-bit value of the sample at an offset. */
const SAMPLE_READERS: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  '1/8': (view, at) => (view.getUint8(at) - 128) * 256,
  '1/16': (view, at) => view.getInt16(at, true),
  '1/24': (view, at) => view.getInt16(at + 1, true),
  '1/32': (view, at) => view.getInt16(at + 2, true),
  '3/32': (view, at) => view.getFloat32(at, true) * 32_767,
  '3/64': (view, at) => view.getFloat64(at, true) * 32_767,
};
const ALAW = 6;
const MULAW = 7;

function checkFormat({ formatTag, bitsPerSample, channels, frameBytes, sampleRateHz }: WavHeader): void {
  const known = SAMPLE_READERS[`${formatTag}/${bitsPerSample}`] !== undefined;
  if (!known && !([ALAW, MULAW].includes(formatTag) && bitsPerSample === 8))
    throw UnreadableAudio.wav(`unsupported sample format (${formatTag}, ${bitsPerSample} bits)`);
  if (channels < 1 || channels > MAX_CHANNELS) throw UnreadableAudio.wav(`it has ${channels} channels`);
  if (frameBytes !== (channels * bitsPerSample) / 8)
    throw UnreadableAudio.wav(`its block size of ${frameBytes} bytes does not fit its format`);
  if (sampleRateHz < 4_000 || sampleRateHz > 192_000)
    throw UnreadableAudio.wav(`it has ${sampleRateHz} samples per second`);
}

/** The mean of all channels. */
function decodeFrames(bytes: Uint8Array, header: WavHeader): Int16Array {
  const { formatTag, bitsPerSample, channels, frameBytes } = header;
  const frames = bytes.length / frameBytes;
  if (formatTag === MULAW) return meanOf(decodeMulaw(bytes), channels);
  const pcm = new Int16Array(frames);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sampleAt = formatTag === ALAW ? alawAt : SAMPLE_READERS[`${formatTag}/${bitsPerSample}`]!;
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++)
      sum += sampleAt(view, frame * frameBytes + (channel * bitsPerSample) / 8);
    pcm[frame] = Math.max(-32_768, Math.min(32_767, Math.round(sum / channels)));
  }
  return pcm;
}

function meanOf(samples: Int16Array, channels: number): Int16Array {
  if (channels === 1) return samples;
  return Int16Array.from({ length: Math.floor(samples.length / channels) }, (_, frame) => {
    const all = samples.subarray(frame * channels, (frame + 1) * channels);
    return Math.round(all.reduce((sum, sample) => sum + sample, 0) / channels);
  });
}

function alawAt(view: DataView, at: number): number {
  return alawmulaw.alaw.decodeSample(view.getUint8(at));
}
