import { readWavHeader, startsLikeWav, type WavHeader } from './wav-header.ts';

const PCM = 1;
const FLOAT = 3;
const MOST_CHANNELS = 8;
const LOWEST_HZ = 1_000;
const HIGHEST_HZ = 384_000;
const PCM_BITS = [8, 16, 24, 32];
const FLOAT_BITS = [32, 64];

/** Checks the header and length of a WAV file that players are to play; a string describes the problem. */
export function playableWav(head: Uint8Array, fileBytes: number): { readonly durationMs: number } | string {
  if (!startsLikeWav(head)) return 'The file is no WAV file; only WAV is taken, whatever its name is.';
  const header = readWavHeader(head);
  if (!header)
    return 'The WAV file has no samples: the “data” chunk is missing or too far from the beginning.';
  const problem = formatProblem(header);
  if (problem !== undefined) return problem;
  const frames = Math.floor(Math.min(header.dataBytes, fileBytes - header.dataAt) / header.frameBytes);
  if (frames < 1) return 'The WAV file is empty: not one sample is in it.';
  return { durationMs: Math.round((frames / header.sampleRateHz) * 1_000) };
}

function formatProblem(header: WavHeader): string | undefined {
  const { formatTag, channels, bitsPerSample, frameBytes, sampleRateHz } = header;
  if (formatTag !== PCM && formatTag !== FLOAT)
    return `The WAV file has format ${formatTag}; PCM (1) and floating point (3) are supported.`;
  if (channels < 1 || channels > MOST_CHANNELS)
    return `The WAV file has ${channels} channels; 1 to ${MOST_CHANNELS} are supported.`;
  if (sampleRateHz < LOWEST_HZ || sampleRateHz > HIGHEST_HZ)
    return `The WAV file has ${sampleRateHz} samples per second; ${LOWEST_HZ} to ${HIGHEST_HZ} are supported.`;
  const bits = formatTag === PCM ? PCM_BITS : FLOAT_BITS;
  if (!bits.includes(bitsPerSample))
    return `The WAV file has samples of ${bitsPerSample} bits; ${bits.join(', ')} are supported.`;
  // The byte rate is wrong in the files of many recorders, and no player needs it.
  if (frameBytes !== (channels * bitsPerSample) / 8)
    return 'The WAV file contradicts itself: its block size does not follow from its channels and bits.';
  return undefined;
}
