import { expect, it } from 'vitest';
import { decodeMulaw, encodeMulaw } from '../../pages/sound/mulaw.ts';
import * as pcm16 from '../../src/audio/mulaw.ts';

const CODES = Uint8Array.from({ length: 256 }, (_, code) => code);

it("decodes every code to the server's sample, from -1 to 1", () => {
  expect([...decodeMulaw(CODES)]).toEqual([...pcm16.decodeMulaw(CODES)].map((sample) => sample / 32_768));
});

it('encodes what it decoded, and clips what is louder', () => {
  // There are two codes for zero.
  expect(pcm16.decodeMulaw(encodeMulaw(decodeMulaw(CODES)))).toEqual(pcm16.decodeMulaw(CODES));
  expect(encodeMulaw(Float32Array.of(1.5, -1.5))).toEqual(encodeMulaw(Float32Array.of(1, -1)));
});
