import { expect, it } from 'vitest';
import { encodeMulaw } from '../../../src/audio/mulaw.ts';
import { HeldNotes } from '../../../src/audio/speech/held-notes.ts';
import { likeness, spectrumOf } from '../../../src/audio/speech/spectrum.ts';
import { sine } from '../../../src/audio/tone.ts';
import { music } from '../../interruptions/sounds.ts';
import { callers, join, silenceOf, wordsOf } from './listen.ts';

/** Whether a sound is taken for music after so many milliseconds of it. */
function heldAfter(pcm: Int16Array, ms: number): boolean {
  const notes = new HeldNotes();
  const sound = encodeMulaw(join(silenceOf(300), pcm));
  for (let atMs = 300; atMs < 300 + ms; atMs += 20) notes.frame(sound.subarray(0, (atMs + 20) * 8), true);
  return notes.areHeld;
}

it('HeldNotes takes chords and melodies for music, and the sentences of callers for speech', () => {
  const pieces = Array.from({ length: 20 }, (_, seed) => music(1_000, -20, seed + 1));
  const sentences = callers().map(({ pcm }) => pcm.subarray(wordsOf(pcm).fromMs * 8));
  const mistaken = (ms: number) => ({
    music: pieces.filter((pcm) => !heldAfter(pcm, ms)).length,
    speech: sentences.filter((pcm) => heldAfter(pcm, ms)).length,
  });
  expect(sentences.length).toBeGreaterThan(30);
  // A voice that draws out its first vowel interrupts a little later.
  expect(mistaken(240)).toEqual({ music: 0, speech: 2 });
  expect(mistaken(500)).toEqual({ music: 0, speech: 0 });
});

it('HeldNotes compares nothing in the first 100 ms', () => {
  expect(heldAfter(sine(440, 1_000, -20), 100)).toBe(false);
  expect(heldAfter(sine(440, 1_000, -20), 120)).toBe(true);
});

it('a spectrum has its maximum at the pitch of a tone, whatever its phase and loudness', () => {
  const tone = sine(1_000, 100, -20);
  const [one, other] = [
    spectrumOf(tone.subarray(0, 256)),
    spectrumOf(tone.map((x) => x / 2).subarray(333, 589)),
  ];
  // 94 Hz is the first of the lines, 31.25 Hz apart.
  expect(one.indexOf(Math.max(...one))).toBe((1_000 - 93.75) / 31.25);
  expect(likeness(one, other)).toBeGreaterThan(0.99);
  expect(likeness(one, spectrumOf(sine(1_500, 100, -20).subarray(0, 256)))).toBeLessThan(0.05);
  expect(likeness(one, spectrumOf(new Int16Array(256)))).toBe(0);
});
