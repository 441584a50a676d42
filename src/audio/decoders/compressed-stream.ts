import { UnreadableAudio } from '../unreadable-audio.ts';
import type { AudioStream, PcmPiece } from './pcm-piece.ts';
import { FlacParts, OggParts, type StreamParts } from './stream-parts.ts';

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

/** Formats whose decoder reads only one file, or needs whole pages. */
const PARTS: Readonly<Partial<Record<CompressedFormat, () => StreamParts>>> = {
  flac: () => new FlacParts(),
  'ogg-vorbis': () => new OggParts(),
  'ogg-opus': () => new OggParts(),
};

/** Decodes a compressed stream to one channel. Throws `UnreadableAudio` if nothing in it can be decoded. */
export class CompressedStream implements AudioStream {
  readonly #format: CompressedFormat;
  readonly #parts: StreamParts | undefined;
  #decoder: PackageDecoder | undefined;
  #decodedSamples = 0;
  #problem: string | undefined;

  constructor(format: CompressedFormat) {
    this.#format = format;
    this.#parts = PARTS[format]?.();
  }

  async read(bytes: Uint8Array): Promise<PcmPiece[]> {
    if (this.#parts === undefined) return this.#decode(bytes);
    const pieces: PcmPiece[] = [];
    for (const { bytes: part, isNextFile } of this.#parts.read(bytes)) {
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

  /** The end of a file; the next one needs another decoder. */
  async #flush(): Promise<PcmPiece[]> {
    const rest = await this.#decodedBy(this.#decoder?.flush?.());
    this.close();
    return rest ? this.#mixed(rest) : [];
  }

  async end(): Promise<PcmPiece[]> {
    const held = this.#parts?.end();
    const last = held?.length ? await this.#decode(held) : [];
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
