import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler, Resampler } from '../../src/audio/resampler.ts';
import { sine } from '../../src/audio/tone.ts';
import { amplitudeAt, decibels } from '../support/tones.ts';

const PAIRS = [
  [24_000, 8_000],
  [16_000, 8_000],
  [48_000, 8_000],
  [44_100, 8_000],
  [22_050, 8_000],
  [8_000, 16_000],
  [8_000, 32_000],
] as const;

function resample(pcm: Int16Array, fromHz: number, toHz: number, chunk = pcm.length): Int16Array {
  const resampler = new Resampler({ fromHz, toHz });
  const out: number[] = [];
  for (let at = 0; at < pcm.length; at += chunk) out.push(...resampler.process(pcm.subarray(at, at + chunk)));
  out.push(...resampler.flush());
  resampler.close();
  return Int16Array.from(out);
}

/** The middle of a sound, away from where it is switched on and off. */
function middle(pcm: Int16Array): Int16Array {
  return pcm.subarray(pcm.length >> 2, pcm.length - (pcm.length >> 2));
}

describe('Resampler', () => {
  beforeAll(loadResampler);

  it.each(PAIRS)('keeps 300 to 3,400 Hz within 0.1 dB from %i to %i Hz', (fromHz, toHz) => {
    for (const hz of [300, 500, 1_000, 2_000, 3_000, 3_200, 3_400]) {
      const tone = sine(hz, 400, -10, fromHz);
      const level = amplitudeAt(middle(resample(tone, fromHz, toHz)), hz, toHz);
      expect(Math.abs(decibels(level, amplitudeAt(middle(tone), hz, fromHz))), `${hz} Hz`).toBeLessThan(0.1);
    }
  });

  it.each(PAIRS.filter(([fromHz, toHz]) => fromHz > toHz))(
    'lets no alias above -70 dB into the telephone band from %i to %i Hz',
    (fromHz, toHz) => {
      for (const hz of [4_600, 4_800, 5_200, 6_000, 7_000, 7_800, 9_000, 11_000]) {
        if (hz >= fromHz / 2) continue;
        const tone = sine(hz, 400, -6, fromHz);
        const folded = Math.abs(hz - toHz * Math.round(hz / toHz));
        const alias = amplitudeAt(middle(resample(tone, fromHz, toHz)), folded, toHz);
        expect(decibels(alias, amplitudeAt(middle(tone), hz, fromHz)), `${hz} Hz`).toBeLessThan(-70);
      }
    },
  );

  it.each(PAIRS.filter(([fromHz, toHz]) => fromHz < toHz))(
    'makes no image above -70 dB from %i to %i Hz',
    (fromHz, toHz) => {
      for (const hz of [300, 1_000, 2_000, 3_000, 3_400]) {
        const tone = sine(hz, 400, -6, fromHz);
        const image = amplitudeAt(middle(resample(tone, fromHz, toHz)), fromHz - hz, toHz);
        expect(decibels(image, amplitudeAt(middle(tone), hz, fromHz)), `${hz} Hz`).toBeLessThan(-70);
      }
    },
  );

  it.each(PAIRS)('puts output sample 0 at input sample 0 from %i to %i Hz', (fromHz, toHz) => {
    // The same tone made at both rates must agree sample by sample: a delay of a tenth of a sample would show.
    const resampled = middle(resample(sine(1_000, 400, -10, fromHz), fromHz, toHz));
    const made = middle(sine(1_000, 400, -10, toHz));
    expect(resampled.length).toBe(made.length);
    const worst = made.reduce((most, sample, i) => Math.max(most, Math.abs(sample - resampled[i]!)), 0);
    expect(worst).toBeLessThan(32_768 * 0.003);
  });

  it.each(PAIRS)('returns the rounded length for any length from %i to %i Hz', (fromHz, toHz) => {
    for (const frames of [0, 1, 2, 3, 7, 159, 160, 1_001, 20_011]) {
      const out = resample(new Int16Array(frames).fill(1_000), fromHz, toHz);
      expect(out.length, `${frames} samples`).toBe(Math.round((frames * toHz) / fromHz));
    }
  });

  it('returns the same samples whatever the pieces', () => {
    const tone = sine(700, 300, -12, 24_000);
    const atOnce = resample(tone, 24_000, 8_000);
    for (const chunk of [1, 17, 480, 5_000]) expect(resample(tone, 24_000, 8_000, chunk)).toEqual(atOnce);
  });

  it('starts anew after flush and after reset', () => {
    const tone = sine(700, 100, -12, 24_000);
    const fresh = resample(tone, 24_000, 8_000);
    const resampler = new Resampler({ fromHz: 24_000, toHz: 8_000 });
    const again = (): Int16Array => Int16Array.from([...resampler.process(tone), ...resampler.flush()]);
    expect(again()).toEqual(fresh);
    expect(again()).toEqual(fresh);
    resampler.process(tone);
    resampler.reset();
    expect(again()).toEqual(fresh);
    resampler.close();
  });

  it('keeps the channels of stereo separate', () => {
    const resampler = new Resampler({ fromHz: 8_000, toHz: 16_000, channels: 2 });
    const left = sine(500, 300, -10);
    const right = sine(1_700, 300, -10);
    const stereo = new Int16Array(2 * left.length).map((_, i) => (i % 2 === 0 ? left : right)[i >> 1]!);
    const out = Int16Array.from([...resampler.process(stereo), ...resampler.flush()]);
    resampler.close();
    expect(out.filter((_, i) => i % 2 === 0)).toEqual(resample(left, 8_000, 16_000));
    expect(out.filter((_, i) => i % 2 === 1)).toEqual(resample(right, 8_000, 16_000));
  });

  it('returns the samples unchanged between equal rates', () => {
    const tone = sine(500, 100, -10);
    expect(resample(tone, 8_000, 8_000, 33)).toEqual(tone);
  });

  it('keeps the states of many parallel resamplers separate', () => {
    const tones = Array.from({ length: 200 }, (_, i) => sine(300 + 10 * i, 60, -12, 24_000));
    const resamplers = tones.map(() => new Resampler({ fromHz: 24_000, toHz: 8_000 }));
    const outs = tones.map((): number[] => []);
    for (let at = 0; at < tones[0]!.length; at += 480) {
      resamplers.forEach((one, i) => outs[i]!.push(...one.process(tones[i]!.subarray(at, at + 480))));
    }
    resamplers.forEach((one, i) => outs[i]!.push(...one.flush()));
    resamplers.forEach((one) => one.close());
    outs.forEach((out, i) => expect(Int16Array.from(out)).toEqual(resample(tones[i]!, 24_000, 8_000)));
  });

  it('frees its memory when it is closed', () => {
    const openAndClose = (times: number): void => {
      for (let i = 0; i < times; i++) {
        const resampler = new Resampler({ fromHz: 24_000, toHz: 8_000 });
        resampler.process(new Int16Array(480));
        resampler.close();
      }
    };
    // Outside memory that is not an ArrayBuffer of JavaScript's own: the WebAssembly memory.
    const wasmBytes = (): number => process.memoryUsage().external - process.memoryUsage().arrayBuffers;
    openAndClose(100);
    const before = wasmBytes();
    // Each holds about 2 kB: not freed, these grow that memory by 90 MB. Other tests of the process leave some megabytes.
    openAndClose(40_000);
    expect(wasmBytes() - before).toBeLessThan(45e6);
  });

  it('refuses work after close and invalid rates', () => {
    const resampler = new Resampler({ fromHz: 24_000, toHz: 8_000 });
    resampler.close();
    resampler.close();
    expect(() => resampler.process(new Int16Array(480))).toThrow('closed');
    expect(() => new Resampler({ fromHz: 0, toHz: 8_000 })).toThrow(RangeError);
    expect(() => new Resampler({ fromHz: 8_000, toHz: 8_000.5 })).toThrow(RangeError);
  });
});
