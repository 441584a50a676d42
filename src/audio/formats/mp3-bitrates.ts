/** kbit/s of an MP3 frame, by the index in its header (ISO 11172-3 and 13818-3, layer III); index 0 is "free". */
export const MPEG1_KBPS: readonly number[] = [
  0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
];
export const MPEG2_KBPS: readonly number[] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/** MPEG-2.5 shares MPEG-2's table; LAME and most decoders stop at 64. */
const MPEG25 = MPEG2_KBPS.slice(0, MPEG2_KBPS.indexOf(64) + 1);

/** Every bitrate MP3 has, kbit/s. */
export const MP3_BITRATES: readonly number[] = [...new Set([...MPEG1_KBPS, ...MPEG2_KBPS])]
  .filter((kbps) => kbps > 0)
  .sort((a, b) => a - b);

/** MP3 frame parameters that depend on the sample rate. */
export interface Mp3Frames {
  readonly samplesPerFrame: 576 | 1152;
  /** Bitrates by the index in the frame header. */
  readonly bitrates: readonly number[];
  /** Side information bytes after the header, which are zero in Info frames. */
  readonly sideInfoBytes: { readonly 1: number; readonly 2: number };
}

const MPEG1_FRAMES: Mp3Frames = {
  samplesPerFrame: 1152,
  bitrates: MPEG1_KBPS,
  sideInfoBytes: { 1: 17, 2: 32 },
};
const MPEG2_FRAMES: Mp3Frames = {
  samplesPerFrame: 576,
  bitrates: MPEG2_KBPS,
  sideInfoBytes: { 1: 9, 2: 17 },
};
const FRAMES_OF_RATE: ReadonlyMap<number, Mp3Frames> = new Map([
  [8_000, { ...MPEG2_FRAMES, bitrates: MPEG25 }],
  [16_000, MPEG2_FRAMES],
  [24_000, MPEG2_FRAMES],
  [32_000, MPEG1_FRAMES],
  [44_100, MPEG1_FRAMES],
  [48_000, MPEG1_FRAMES],
]);
/** The meaning of `auto`: 16 kHz covers the telephone band; higher bitrates than it supports need MPEG-1. */
const AUTO_RATES_HZ = [16_000, 32_000] as const;

/** Sample rates for MP3: the multiples of the telephone's 8 kHz that MP3 supports, and that of the compact disc. */
export const MP3_RATES_HZ: readonly number[] = [...FRAMES_OF_RATE.keys()];

/** Throws a RangeError for rates outside `MP3_RATES_HZ`. */
export function mp3FramesAt(sampleRateHz: number): Mp3Frames {
  const frames = FRAMES_OF_RATE.get(sampleRateHz);
  if (frames === undefined) {
    throw new RangeError(`MP3 supports ${MP3_RATES_HZ.join(', ')} Hz, not ${sampleRateHz} Hz`);
  }
  return frames;
}

/**
 * The average length of a frame in bytes. Only at 44,100 Hz it is no integer: frames are of the next smaller length, or one byte
 * longer, so that the sum is never a byte off.
 */
export function mp3FrameBytes(sampleRateHz: number, kbps: number): number {
  return (mp3FramesAt(sampleRateHz).samplesPerFrame * kbps * 125) / sampleRateHz;
}

/** The bitrates that a sample rate supports, in kbit/s. */
export function mp3BitratesAt(sampleRateHz: 'auto' | number): readonly number[] {
  if (sampleRateHz === 'auto') return MP3_BITRATES;
  return mp3FramesAt(sampleRateHz).bitrates.filter((kbps) => kbps > 0);
}

/** The sample rate that `auto` means. Throws a RangeError for a bitrate that MP3 does not have. */
export function autoMp3RateHz(bitrateKbps: number): number {
  assertMp3Bitrate(bitrateKbps);
  return AUTO_RATES_HZ.find((rateHz) => mp3BitratesAt(rateHz).includes(bitrateKbps))!;
}

/** Encoder libraries; lamejs also writes the bitrates that the WebAssembly build rejects. */
export type Mp3EngineName = 'wasm' | 'lamejs';

const REJECTED_BY_WASM: ReadonlySet<number> = new Set([56, 144]);
/**
 * Below these bitrates, in kbit/s for mono and stereo, lamejs silently lowers the sample rate (measured for each
 * combination; at some ratios the output is noise).
 */
const LEAST_OF_LAMEJS: Readonly<Record<number, readonly [mono: number, stereo: number]>> = {
  8_000: [8, 8],
  16_000: [16, 32],
  24_000: [40, 56],
  32_000: [48, 80],
  44_100: [64, 112],
  48_000: [64, 128],
};

export interface Mp3Request {
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly kbps: number;
  readonly engine: Mp3EngineName;
}

/** The engine that writes a recording, and the bitrate it gets. */
export function mp3Encoding({ sampleRateHz, channels, kbps, engine }: Mp3Request): {
  readonly engine: Mp3EngineName;
  readonly kbps: number;
} {
  const closest = mp3BitrateAt(sampleRateHz, kbps);
  if (engine === 'wasm' && !REJECTED_BY_WASM.has(closest)) return { engine, kbps: closest };
  const leastKbps = LEAST_OF_LAMEJS[sampleRateHz]?.[channels - 1];
  return { engine: 'lamejs', kbps: mp3BitrateAt(sampleRateHz, kbps, leastKbps) };
}

/** The supported bitrate closest to the requested one, preferring the next higher. */
function mp3BitrateAt(sampleRateHz: number, bitrateKbps: number, atLeastKbps = 0): number {
  assertMp3Bitrate(bitrateKbps);
  const leastKbps = Math.max(bitrateKbps, atLeastKbps);
  const { bitrates } = mp3FramesAt(sampleRateHz);
  return bitrates.find((kbps) => kbps > 0 && kbps >= leastKbps) ?? bitrates.at(-1)!;
}

function assertMp3Bitrate(bitrateKbps: number): void {
  if (MP3_BITRATES.includes(bitrateKbps)) return;
  throw new RangeError(`MP3 has no bitrate of ${bitrateKbps} kbit/s, only ${MP3_BITRATES.join(', ')}`);
}
