import * as pcm16 from '../../src/audio/mulaw.ts';

/** Decodes μ-law to samples from -1 to 1. */
export function decodeMulaw(bytes: Uint8Array): Float32Array {
  return Float32Array.from(pcm16.decodeMulaw(bytes), (sample) => sample / 32_768);
}

/** Encodes samples from -1 to 1 as μ-law; louder samples are clipped. */
export function encodeMulaw(samples: Float32Array): Uint8Array {
  return pcm16.encodeMulaw(
    Int16Array.from(samples, (sample) => Math.round(Math.max(-1, Math.min(1, sample)) * 32_767)),
  );
}
