import { mulaw } from 'alawmulaw';

/** The sample rate of the telephone network. */
export const TELEPHONE_HZ = 8_000;

const linearOfCode = Float32Array.from({ length: 256 }, (_, code) => mulaw.decodeSample(code) / 32_768);

/** Decodes μ-law to samples from -1 to 1. */
export function decodeMulaw(bytes: Uint8Array): Float32Array {
  return Float32Array.from(bytes, (code) => linearOfCode[code]!);
}

/** Encodes samples from -1 to 1 as μ-law; louder samples are clipped. */
export function encodeMulaw(samples: Float32Array): Uint8Array {
  return Uint8Array.from(samples, (sample) => {
    const whole = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767);
    // The package returns negative numbers for half of the codes.
    return mulaw.encodeSample(whole) & 0xff;
  });
}
