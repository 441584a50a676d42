import { describe, expect, it } from 'vitest';
import { decodeMulaw, decodeMulawEnergy, encodeMulaw, mulawEnergy } from '../../src/audio/mulaw.ts';
import { dbfsOf, loudnessDbfs } from '../../src/audio/loudness.ts';
import { MULAW_SILENCE } from '../../src/audio/telephone.ts';

const everyCode = Uint8Array.from({ length: 256 }, (_, code) => code);

describe('μ-law', () => {
  it('encodes every decoded code to itself, and negative zero to zero', () => {
    const back = encodeMulaw(decodeMulaw(everyCode));
    expect(back).toEqual(everyCode.map((code) => (code === 0x7f ? 0xff : code)));
  });

  it('never has an error above half a step, at any of 65,536 levels', () => {
    const all = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
    decodeMulaw(encodeMulaw(all)).forEach((back, i) => {
      // Steps double with each of eight segments: half a step is a 32nd of the biased level, and beyond 32,124 all is one.
      const allowed = Math.max((Math.min(Math.abs(all[i]!), 32_124) + 132) / 32, Math.abs(all[i]!) - 32_124);
      expect(Math.abs(back - all[i]!)).toBeLessThanOrEqual(allowed + 4);
    });
  });

  it('encodes silence as 0xff', () => {
    expect(encodeMulaw(new Int16Array(3))).toEqual(new Uint8Array(3).fill(MULAW_SILENCE));
    expect(decodeMulaw(Uint8Array.of(MULAW_SILENCE))).toEqual(Int16Array.of(0));
  });

  it('writes into the given output and returns the filled part', () => {
    const out = new Int16Array(200);
    const pcm = decodeMulaw(everyCode.subarray(0, 160), out);
    expect(pcm.buffer).toBe(out.buffer);
    expect(pcm).toEqual(decodeMulaw(everyCode.subarray(0, 160)));
    const exact = new Uint8Array(160);
    expect(encodeMulaw(pcm, exact)).toBe(exact);
  });

  it('reads a Buffer byte by byte and refuses a too short output', () => {
    expect(decodeMulaw(Buffer.from(everyCode))).toEqual(decodeMulaw(everyCode));
    expect(() => decodeMulaw(everyCode, new Int16Array(255))).toThrow(RangeError);
  });

  it('decodes a frame and measures it in one pass', () => {
    const codes = everyCode;
    for (const mulaw of [codes, codes.subarray(255), codes.subarray(3, 163), new Uint8Array(0)]) {
      const pcm = new Int16Array(300);
      const level = dbfsOf(decodeMulawEnergy(mulaw, pcm), mulaw.length);
      expect(pcm.subarray(0, mulaw.length)).toEqual(decodeMulaw(mulaw));
      expect(level).toBe(loudnessDbfs(decodeMulaw(mulaw)));
      expect(dbfsOf(mulawEnergy(mulaw, 0, mulaw.length), mulaw.length)).toBe(level);
    }
    expect(() => decodeMulawEnergy(codes, new Int16Array(255))).toThrow(RangeError);
  });
});
