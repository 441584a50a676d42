import { loudnessDbfs } from '../../src/audio/loudness.ts';
import { seededRandom } from '../../src/simulator/seeded-random.ts';

const PER_MS = 8;
const RATE_HZ = 8_000;

/** The sound changed by so many decibels. */
export function louder(pcm: Int16Array, db: number): Int16Array {
  const gain = 10 ** (db / 20);
  return pcm.map((sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * gain))));
}

/** The sound at this level: RMS over its whole length, in dBFS. */
export function atLevel(pcm: Int16Array, dbfs: number): Int16Array {
  return louder(pcm, dbfs - loudnessDbfs(pcm));
}

/** The sounds one after the other, with silence of `gapMs` between them. */
export function inTurn(gapMs: number, ...parts: readonly Int16Array[]): Int16Array {
  const gap = gapMs * PER_MS;
  const all = new Int16Array(parts.reduce((sum, part) => sum + part.length + gap, -gap));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length + gap;
  }
  return all;
}

/** White noise with a raised cosine as its envelope, without the lowest frequencies: breathing into the microphone. */
export function breath(ms: number, dbfs: number, seed: number): Int16Array {
  const random = seededRandom(seed);
  let before = 0;
  const pcm = Int16Array.from({ length: ms * PER_MS }, (_, i) => {
    const white = random() * 2 - 1;
    const airy = white - 0.5 * before;
    before = white;
    return 8_000 * airy * Math.sin((Math.PI * i) / (ms * PER_MS)) ** 2;
  });
  return atLevel(pcm, dbfs);
}

/** Steady noise; with `crackle`, its level changes by up to so many decibels from one 20 ms to the next. */
export function lineNoise(ms: number, dbfs: number, seed: number, crackle = 0): Int16Array {
  const random = seededRandom(seed);
  let gain = 1;
  const pcm = Int16Array.from({ length: ms * PER_MS }, (_, i) => {
    if (i % 160 === 0) gain = 10 ** ((-random() * crackle) / 20);
    return 8_000 * gain * (random() * 2 - 1);
  });
  return atLevel(pcm, dbfs);
}

/** Short bursts of noise: a key of a keyboard, a handset that is put down. */
export function knocks(count: number, dbfs: number, seed: number): Int16Array {
  const random = seededRandom(seed);
  const one = (): Int16Array => {
    const ms = 20 + Math.round(random() * 40);
    const pcm = Int16Array.from({ length: ms * PER_MS }, (_, i) => {
      return 16_000 * (random() * 2 - 1) * Math.exp((-4 * i) / (ms * PER_MS));
    });
    return atLevel(pcm, dbfs);
  };
  return inTurn(180, ...Array.from({ length: count }, one));
}

/** Notes of a scale above a, in semitones: a major pentatonic. */
const SCALE = [0, 2, 4, 7, 9, 12, 14, 16];

/** Music on hold: a plucked melody over chords, with a drum. */
export function music(ms: number, dbfs: number, seed: number): Int16Array {
  const random = seededRandom(seed);
  const beatMs = 240 + Math.round(random() * 160);
  const sum = new Float64Array(ms * PER_MS);
  for (let atMs = 0, beat = 0; atMs < ms; atMs += beatMs, beat += 1) {
    const note = SCALE[Math.floor(random() * SCALE.length)]!;
    pluck(sum, atMs, 440 * 2 ** (note / 12), beatMs * 1.6, 0.6);
    if (beat % 4 === 0)
      for (const step of [0, 4, 7]) pluck(sum, atMs, 220 * 2 ** (step / 12), beatMs * 5, 0.35);
    if (beat % 2 === 1) drum(sum, atMs, random);
  }
  return atLevel(
    Int16Array.from(sum, (value) => value * 4_000),
    dbfs,
  );
}

function pluck(sum: Float64Array, atMs: number, hz: number, ms: number, level: number): void {
  const from = Math.round(atMs * PER_MS);
  const length = Math.min(sum.length - from, Math.round(ms * PER_MS));
  for (let i = 0; i < length; i += 1) {
    const phase = (2 * Math.PI * hz * i) / RATE_HZ;
    const tone = Math.sin(phase) + 0.5 * Math.sin(2 * phase) + 0.25 * Math.sin(3 * phase);
    sum[from + i]! += level * tone * Math.exp((-3 * i) / length) * Math.min(1, i / 40);
  }
}

function drum(sum: Float64Array, atMs: number, random: () => number): void {
  const from = Math.round(atMs * PER_MS);
  const length = Math.min(sum.length - from, 60 * PER_MS);
  for (let i = 0; i < length; i += 1)
    sum[from + i]! += 0.8 * (random() * 2 - 1) * Math.exp((-5 * i) / length);
}

/** When a sound becomes loud enough to be voice, in milliseconds of it: its first 5 ms above -45 dBFS. */
export function firstLoudMs(pcm: Int16Array): number {
  const window = 5 * PER_MS;
  for (let at = 0; at + window <= pcm.length; at += window)
    if (loudnessDbfs(pcm.subarray(at, at + window)) > -45) return at / PER_MS;
  return 0;
}
