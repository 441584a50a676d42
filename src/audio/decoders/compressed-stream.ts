import { UnreadableAudio } from '../unreadable-audio.ts';
import type { AudioStream, PcmPiece } from './pcm-piece.ts';

/** Compressed formats that are decoded, by WebAssembly builds of mpg123, libFLAC, libvorbis and libopus. */
export type CompressedFormat = 'mp3' | 'flac' | 'ogg-vorbis' | 'ogg-opus';

interface DecodedAudio {
  readonly channelData: readonly Float32Array[];
  readonly sampleRate: number;
  readonly errors?: readonly { readonly message: string }[];
}

/** What the packages have in common. */
interface PackageDecoder {
  readonly ready: Promise<void>;
  decode(bytes: Uint8Array): DecodedAudio | Promise<DecodedAudio>;
  /** mpg123 has none: it holds nothing back. */
  flush?(): Promise<DecodedAudio>;
  free(): void;
}

/** Each package is loaded when its format first arrives: most servers never send it. */
const DECODERS: Readonly<Record<CompressedFormat, () => Promise<PackageDecoder>>> = {
  mp3: async () => new (await import('mpg123-decoder')).MPEGDecoder(),
  flac: async () => new (await import('@wasm-audio-decoders/flac')).FLACDecoder(),
  'ogg-vorbis': async () => new (await import('@wasm-audio-decoders/ogg-vorbis')).OggVorbisDecoder(),
  'ogg-opus': async () => new (await import('ogg-opus-decoder')).OggOpusDecoder(),
};

/**
 * The start of a file, for formats whose decoder reads only one: "fLaC", an empty type byte of STREAMINFO and its length (RFC 9639);
 * a page of Ogg that begins a stream (RFC 3533). Samples do not contain them.
 */
const FILE_STARTS: Readonly<Partial<Record<CompressedFormat, Buffer>>> = {
  flac: Buffer.from('fLaC\0\0\0\x22', 'latin1'),
  'ogg-opus': Buffer.from('OggS\0\x02', 'latin1'),
};

/** Decodes a compressed stream to one channel. Throws `UnreadableAudio` if nothing in it can be decoded. */
export class CompressedStream implements AudioStream {
  readonly #format: CompressedFormat;
  #decoder: PackageDecoder | undefined;
  #held: Uint8Array = new Uint8Array(0);
  #decodedSamples = 0;
  #problem: string | undefined;

  constructor(format: CompressedFormat) {
    this.#format = format;
  }

  async read(bytes: Uint8Array): Promise<PcmPiece[]> {
    const start = FILE_STARTS[this.#format];
    if (start === undefined) return this.#decode(bytes);
    const pieces: PcmPiece[] = [];
    for (const { part, isNextFile } of this.#files(bytes, start)) {
      if (isNextFile) pieces.push(...(await this.#flush()));
      if (part.length > 0) pieces.push(...(await this.#decode(part)));
    }
    return pieces;
  }

  async #decode(bytes: Uint8Array): Promise<PcmPiece[]> {
    if (this.#decoder === undefined) {
      this.#decoder = await DECODERS[this.#format]();
      await this.#decoder.ready;
    }
    return this.#mixed(await this.#decodedBy(this.#decoder.decode(bytes)));
  }

  /** Errors of the packages concern the audio. */
  async #decodedBy<T>(decoding: T | Promise<T>): Promise<T> {
    try {
      return await decoding;
    } catch (error) {
      throw new UnreadableAudio(`${this.#format}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** The parts of `bytes` before and after the start of a second file, which needs another decoder. */
  #files(bytes: Uint8Array, start: Buffer): { readonly part: Uint8Array; readonly isNextFile: boolean }[] {
    const all = Buffer.concat([this.#held, bytes]);
    // The start of a file could be cut by the end of these bytes.
    const kept = start.length - 1;
    const parts: { part: Uint8Array; isNextFile: boolean }[] = [];
    let from = 0;
    for (let at = all.indexOf(start, 1); at >= 0; at = all.indexOf(start, at + 1)) {
      parts.push({ part: all.subarray(from, at), isNextFile: from > 0 });
      from = at;
    }
    const end = Math.max(from, all.length - kept);
    parts.push({ part: all.subarray(from, end), isNextFile: from > 0 });
    this.#held = all.subarray(end);
    return parts;
  }

  /** The end of a file; the next one needs another decoder. */
  async #flush(): Promise<PcmPiece[]> {
    const rest = await this.#decodedBy(this.#decoder?.flush?.());
    this.close();
    return rest ? this.#mixed(rest) : [];
  }

  async end(): Promise<PcmPiece[]> {
    const last = this.#held.length > 0 ? await this.#decode(this.#held) : [];
    const rest = await this.#decodedBy(this.#decoder?.flush?.());
    const pieces = [...last, ...(rest ? this.#mixed(rest) : [])];
    if (this.#decodedSamples === 0)
      throw new UnreadableAudio(
        `${this.#format} without samples${this.#problem ? `: ${this.#problem}` : ''}`,
      );
    return pieces;
  }

  close(): void {
    this.#decoder?.free();
    this.#decoder = undefined;
  }

  #mixed({ channelData, sampleRate, errors }: DecodedAudio): PcmPiece[] {
    this.#problem ??= errors?.[0]?.message;
    const frames = channelData[0]?.length ?? 0;
    if (frames === 0) return [];
    this.#decodedSamples += frames;
    const pcm = new Int16Array(frames);
    for (let i = 0; i < frames; i++) {
      let sum = 0;
      for (const channel of channelData) sum += channel[i] ?? 0;
      pcm[i] = Math.max(-32_768, Math.min(32_767, Math.round((sum / channelData.length) * 32_767)));
    }
    return [{ pcm, sampleRateHz: sampleRate }];
  }
}
