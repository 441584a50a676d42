import { pcm16Header } from '../../src/audio/wav/pcm16-header.ts';

/** The header of a WAV file whose length is not known yet: OpenAI writes the highest number into both length fields. */
export function streamedWavHeader(sampleRateHz: number): Uint8Array {
  const header = pcm16Header(sampleRateHz, 1, 0);
  const view = new DataView(header.buffer);
  view.setUint32(4, 0xffffffff, true);
  view.setUint32(40, 0xffffffff, true);
  return header;
}
