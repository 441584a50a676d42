import { describe, expect, it } from 'vitest';
import { recordedSpeech, recordedSpeechOf } from '../../src/simulator/fixtures/recorded-speech.ts';
import { seededRandom } from '../../src/simulator/seeded-random.ts';
import { UtteranceMatcher } from './utterance-matcher.ts';

const all = [...recordedSpeech().values()];
const callers = all.filter(({ speaker }) => speaker === 'caller');
const matcher = new UtteranceMatcher(callers);

/** As a line brings it: 307 samples of pre-roll, noise at -50 dBFS, 5,000 samples behind. */
function overTheLine(...parts: readonly Int16Array[]): Int16Array {
  const random = seededRandom(3);
  const heard = Int16Array.from({ length: 307 + parts.reduce((n, p) => n + p.length + 4000, 1000) }, () =>
    Math.round((random() - 0.5) * 2 * 32_768 * 10 ** (-50 / 20) * Math.sqrt(3)),
  );
  let at = 307;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) heard[at + i] = (heard[at + i] ?? 0) + (part[i] ?? 0);
    at += part.length + 4000;
  }
  return heard;
}

describe('UtteranceMatcher', () => {
  it('recognises every recorded caller over a noisy line', () => {
    expect(callers.length).toBeGreaterThan(20);
    for (const { text, pcm } of callers) expect(matcher.recognise(overTheLine(pcm))).toBe(text);
  });

  it('finds two utterances in one, in order', () => {
    const [a, b] = [
      recordedSpeechOf('caller-my-name-is-peter-collins'),
      recordedSpeechOf('caller-what-are-your-opening-hours'),
    ];
    expect(matcher.recognise(overTheLine(a.pcm, b.pcm))).toBe(`${a.text} ${b.text}`);
    expect(matcher.recognise(overTheLine(b.pcm, a.pcm))).toBe(`${b.text} ${a.text}`);
  });

  it('tolerates lost frames', () => {
    const { pcm, text } = recordedSpeechOf('caller-could-you-send-the-parcel');
    for (const gapAt of [500, 1000, 1500, 2000]) {
      const heard = pcm.slice();
      for (let frame = 13; frame * 160 < heard.length; frame += 29)
        heard.fill(0, frame * 160, frame * 160 + 160);
      heard.fill(0, gapAt * 8, (gapAt + 240) * 8);
      expect(matcher.recognise(overTheLine(heard))).toBe(text);
    }
  });

  it('recognises a caller whose microphone clips, as browsers do at first', () => {
    for (const { text, pcm } of callers) {
      const clipped = pcm.map((sample) => Math.max(-32_124, Math.min(32_124, sample * 8)));
      expect(matcher.recognise(clipped)).toBe(text);
    }
  });

  it('returns only the words present if the caller was cut off', () => {
    const { pcm, text } = recordedSpeechOf('caller-i-want-to-reserve-a');
    const said = matcher.recognise(pcm.subarray(0, 1330 * 8)) ?? '';
    expect(said.split(' ').length).toBeGreaterThanOrEqual(3);
    expect(said.length).toBeLessThan(text.length - 10);
    expect(text.startsWith(said)).toBe(true);
  });

  it('does not match the assistant, a cough, a tone or silence', () => {
    for (const { name, pcm } of all.filter(({ speaker }) => speaker !== 'caller')) {
      expect([name, matcher.recognise(overTheLine(pcm))]).toEqual([name, undefined]);
    }
    const tone = Int16Array.from({ length: 16_000 }, (_, i) => 4000 * Math.sin(i / 3));
    expect(matcher.recognise(overTheLine(tone))).toBeUndefined();
    expect(matcher.recognise(new Int16Array(16_000))).toBeUndefined();
    expect(matcher.recognise(new Int16Array(0))).toBeUndefined();
  });
});
