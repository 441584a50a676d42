import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { MPEGDecoder } from 'mpg123-decoder';
import nodeWav from 'node-wav';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { interleaved } from './interleaved.ts';

/** What a decoder that is independent of the product reads from a sound file. */
export interface DecodedSound {
  readonly sampleRateHz: number;
  readonly channels: readonly Int16Array[];
}

interface FloatSound {
  readonly sampleRate: number;
  readonly channelData: readonly Float32Array[];
  readonly errors?: readonly { readonly message: string }[];
}

/** Decodes MP3 with mpg123, FLAC with libFLAC, Ogg Vorbis with libvorbis (all WebAssembly) and WAV with node-wav. */
export async function decodeSound(file: string): Promise<DecodedSound> {
  const bytes = new Uint8Array(readFileSync(file));
  switch (path.extname(file)) {
    case '.mp3':
      return decodeMp3(bytes);
    case '.flac':
      return decodeFlac(bytes);
    case '.ogg':
      return decodeOggVorbis(bytes);
    case '.wav':
      return toSound(nodeWav.decode(bytes), NODE_WAV);
    default:
      throw new Error(`no decoder for ${file}`);
  }
}

/** The interleaved samples of a sound file. */
export async function decodeSamples(file: string): Promise<Int16Array> {
  return interleaved((await decodeSound(file)).channels);
}

async function decodeMp3(bytes: Uint8Array): Promise<DecodedSound> {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  try {
    const sound = toSound(decoder.decode(bytes));
    // mpg123-decoder gives a mono file two equal channels.
    return isMonoMp3(bytes) ? { ...sound, channels: sound.channels.slice(0, 1) } : sound;
  } finally {
    decoder.free();
  }
}

/** By the channel mode in the header of the first frame. */
function isMonoMp3(bytes: Uint8Array): boolean {
  return (bytes[3] ?? 0) >> 6 === 3;
}

async function decodeFlac(bytes: Uint8Array): Promise<DecodedSound> {
  const decoder = new FLACDecoder();
  await decoder.ready;
  try {
    return toSound(await decoder.decodeFile(bytes));
  } finally {
    decoder.free();
  }
}

async function decodeOggVorbis(bytes: Uint8Array): Promise<DecodedSound> {
  const decoder = new OggVorbisDecoder();
  await decoder.ready;
  try {
    return toSound(await decoder.decodeFile(bytes));
  } finally {
    decoder.free();
  }
}

type ToInt16 = (sample: number) => number;
const SYMMETRIC: ToInt16 = (sample) => sample * 32_768;
/** node-wav divides positive samples by 32,767. */
const NODE_WAV: ToInt16 = (sample) => sample * (sample < 0 ? 32_768 : 32_767);

/** A decoder's complaint counts as a failure. */
function toSound({ sampleRate, channelData, errors = [] }: FloatSound, scale = SYMMETRIC): DecodedSound {
  if (errors.length > 0)
    throw new Error(`the decoder complains: ${errors.map((one) => one.message).join('; ')}`);
  return { sampleRateHz: sampleRate, channels: channelData.map((channel) => toInt16(channel, scale)) };
}

function toInt16(channel: Float32Array, scale: ToInt16): Int16Array {
  return Int16Array.from(channel, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(scale(sample)))));
}
