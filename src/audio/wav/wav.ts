import wavefile from 'wavefile';
import { UnreadableAudio } from '../unreadable-audio.ts';
import { readWavHeader } from './wav-header.ts';

/** One array of 16-bit samples per channel, all of the same length. */
export interface WavAudio {
  readonly pcm: readonly Int16Array[];
  readonly sampleRateHz: number;
}

/**
 * Builds a complete 16-bit PCM file from interleaved samples, in memory: for short sounds. wavefile builds only the
 * header: it packs sample by sample, which takes 62 ms for half a minute and would block live calls.
 */
export function writeWav(pcm: Int16Array, sampleRateHz: number, channels = 1): Uint8Array {
  const header = headerOf(sampleRateHz, channels);
  const file = new Uint8Array(header.length + pcm.byteLength);
  file.set(header);
  const view = new DataView(file.buffer);
  view.setUint32(RIFF_SIZE_AT, file.length - RIFF_SIZE_AT - 4, true);
  view.setUint32(header.length - 4, pcm.byteLength, true);
  if (LITTLE_ENDIAN) file.set(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), header.length);
  else pcm.forEach((sample, index) => view.setInt16(header.length + 2 * index, sample, true));
  return file;
}

/** Of an empty file, by rate and channels: each utterance of a call needs the same one. */
const headers = new Map<string, Uint8Array>();

function headerOf(sampleRateHz: number, channels: number): Uint8Array {
  const key = `${sampleRateHz} ${channels}`;
  const known = headers.get(key);
  if (known) return known;
  const wav = new wavefile.WaveFile();
  wav.fromScratch(channels, sampleRateHz, '16', []);
  const header = wav.toBuffer();
  if (headers.size < MOST_HEADERS) headers.set(key, header);
  return header;
}

/** Recordings may state any rate. */
const MOST_HEADERS = 50;
const RIFF_SIZE_AT = 4;
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Decodes PCM of 8, 16, 24 or 32 bits, float, μ-law and A-law to 16 bits. Throws `UnreadableAudio` for anything else.
 */
export function readWav(bytes: Uint8Array): WavAudio {
  const wav = parse(bytes);
  const { audioFormat, numChannels, sampleRate, blockAlign } = wav.fmt as Record<FormatField, number>;
  if (numChannels < 1 || sampleRate < 1) throw UnreadableAudio.wav('it has no channels or no sample rate');
  const toLinear = TO_LINEAR[`${audioFormat}/${wav.bitDepth}`];
  if (toLinear === undefined)
    throw UnreadableAudio.wav(`unsupported sample format (${audioFormat}, ${wav.bitDepth})`);
  if (wav.bitDepth === '8m') wav.fromMuLaw('16');
  if (wav.bitDepth === '8a') wav.fromALaw('16');
  const interleaved = wav.getSamples(true, Float64Array);
  // wavefile reads the padding byte of an odd chunk as a sample: the loudest click there is, in μ-law.
  const dataBytes = readWavHeader(bytes)?.dataBytes ?? Infinity;
  const frames = Math.min(Math.floor(interleaved.length / numChannels), Math.floor(dataBytes / blockAlign));
  return { pcm: split(interleaved, numChannels, frames, toLinear), sampleRateHz: sampleRate };
}

type FormatField = 'audioFormat' | 'numChannels' | 'sampleRate' | 'blockAlign';

/** Converters to the 16-bit scale, by format tag and wavefile's name of the sample type. */
const TO_LINEAR: Readonly<Record<string, (sample: number) => number>> = {
  '1/8': (sample) => (sample - 128) * 256,
  '7/8m': (sample) => sample,
  '6/8a': (sample) => sample,
  '1/16': (sample) => sample,
  '1/24': (sample) => sample / 256,
  '1/32': (sample) => sample / 65_536,
  '3/32f': (sample) => sample * 32_768,
  '3/64': (sample) => sample * 32_768,
};

function parse(bytes: Uint8Array): wavefile.WaveFile {
  try {
    return new wavefile.WaveFile(withPlainFormat(bytes));
  } catch (cause) {
    throw UnreadableAudio.wav(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** WAVE_FORMAT_EXTENSIBLE declares its actual format in a sub-format, which wavefile ignores. */
function withPlainFormat(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + 8 <= bytes.length; at += 8 + roundedUp(view.getUint32(at + 4, true))) {
    if (view.getUint32(at, false) !== FMT || at + 34 > bytes.length) continue;
    if (view.getUint16(at + 8, true) !== EXTENSIBLE) return bytes;
    const plain = bytes.slice();
    plain.set(bytes.subarray(at + 32, at + 34), at + 8);
    return plain;
  }
  return bytes;
}

const FMT = 0x666d7420;
const EXTENSIBLE = 0xfffe;

/** Chunks are padded to even lengths. */
function roundedUp(chunkBytes: number): number {
  return chunkBytes + (chunkBytes & 1);
}

function split(
  interleaved: Float64Array,
  channels: number,
  frames: number,
  toLinear: (sample: number) => number,
): Int16Array[] {
  return Array.from({ length: channels }, (_, channel) => {
    const pcm = new Int16Array(frames);
    for (let i = 0; i < frames; i++) {
      const sample = Math.round(toLinear(interleaved[i * channels + channel]!));
      pcm[i] = Math.max(-32_768, Math.min(32_767, sample));
    }
    return pcm;
  });
}
