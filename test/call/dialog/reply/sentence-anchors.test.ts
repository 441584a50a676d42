import { describe, expect, it } from 'vitest';
import { sentenceAnchors } from '../../../../src/call/dialog/reply/sentence-anchors.ts';
import { SpeechPauses } from '../../../../src/call/dialog/reply/speech-pauses.ts';
import { recordedSpeech } from '../../../../src/simulator/fixtures/recorded-speech.ts';

const [sound, silence] = [0x22, 0xff].map((sample) => (ms: number) => new Uint8Array(ms * 8).fill(sample));
const TEXT = 'Certainly. We are open from nine to five on all days of the week. Goodbye.';

function pausesOf(parts: readonly Uint8Array[], chunk = 123): SpeechPauses {
  const pauses = new SpeechPauses();
  const audio = Buffer.concat(parts);
  for (let at = 0; at < audio.length; at += chunk) pauses.add(audio.subarray(at, at + chunk));
  return pauses;
}

describe('the beginnings of sentences in spoken audio', () => {
  it('are at the ends of the pauses that lie where the text expects them', () => {
    const parts = [
      sound!(700),
      silence!(300),
      sound!(1_500),
      silence!(140),
      sound!(2_000),
      silence!(260),
      sound!(600),
    ];
    const { samples, all } = pausesOf(parts);
    expect(all.map(({ from, to }) => [from / 8, to / 8])).toEqual([
      [700, 1_000],
      [2_500, 2_640],
      [4_640, 4_900],
    ]);
    const anchors = sentenceAnchors(TEXT, { samples, pauses: all });
    expect(anchors).toEqual([
      { character: TEXT.indexOf('We'), sample: 8_000 },
      { character: TEXT.indexOf('Goodbye'), sample: 4_900 * 8 },
    ]);
  });

  it('are unknown in audio without pauses', () => {
    const { samples, all } = pausesOf([silence!(200), sound!(3_000), silence!(500)]);
    expect(sentenceAnchors(TEXT, { samples, pauses: all })).toEqual([]);
  });

  it('are found in two minutes with many pauses without delaying other calls', () => {
    const text = Array.from(
      { length: 60 },
      (_, index) => `Sentence ${'abcdefgh'.slice(index % 7)} ends.`,
    ).join(' ');
    const perCharacter = (118 * 8_000) / text.length;
    const starts = [...text.matchAll(/Sentence/gu)].map(({ index }) => index).slice(1);
    const pauses = starts.flatMap((start) => {
      const to = Math.round(start * perCharacter);
      // Within each sentence are two shorter ones.
      return [9_000, 4_500, 0].map((before) => ({
        from: to - before - (before ? 1_000 : 3_000),
        to: to - before,
      }));
    });
    const startedAtMs = performance.now();
    const anchors = sentenceAnchors(text, { samples: 118 * 8_000, pauses });
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
    expect(anchors.map(({ character }) => character)).toEqual(starts);
    for (const { character, sample } of anchors) expect(sample).toBe(Math.round(character * perCharacter));
  });

  it('do not depend on how the audio is divided', () => {
    const parts = [sound!(710), silence!(333), sound!(900)];
    expect(pausesOf(parts, 7)).toEqual(pausesOf(parts, 5_000));
  });

  it('are right in recorded speech', () => {
    const said = [...recordedSpeech().values()].filter(({ speaker }) => speaker === 'assistant').slice(0, 12);
    let [near, all] = [0, 0];
    for (let at = 0; at + 2 < said.length; at += 3) {
      const three = said.slice(at, at + 3);
      const parts = three.flatMap(({ mulaw }) => [mulaw, silence!(250)]);
      const { samples, all: pauses } = pausesOf(parts);
      const text = three.map((one) => one.text).join(' ');
      const anchors = sentenceAnchors(text, { samples, pauses });
      let sample = 0;
      let character = 0;
      for (const { pcm, text: words } of three.slice(0, 2)) {
        sample += pcm.length + 2_000;
        character += words.length + 1;
        const found = anchors.find((one) => one.character === character);
        all += 1;
        if (found && Math.abs(found.sample - sample) < 1_600) near += 1;
      }
    }
    expect(near / all).toBeGreaterThan(0.85);
  });
});
