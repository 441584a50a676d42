import { beforeAll, describe, expect, it } from 'vitest';
import { decodeMulaw, encodeMulaw } from '../../../src/audio/mulaw.ts';
import { TurnDetector, type TurnEvent } from '../../../src/audio/speech/turn-detector.ts';
import { loadVoiceActivity, VoiceActivity } from '../../../src/audio/speech/voice-activity.ts';
import { sine } from '../../../src/audio/tone.ts';
import { recordedSpeech, recordedSpeechOf } from '../../../src/simulator/fixtures/recorded-speech.ts';
import { LoudnessJudge } from '../../doubles/loudness-detector.ts';
import { callers, join, kindsOf, listen, noise, over, SETTINGS, silenceOf, wordsOf } from './listen.ts';

beforeAll(loadVoiceActivity);

type Finished = Extract<TurnEvent, { kind: 'finished' }>;
const finishedOf = (events: readonly TurnEvent[]): Finished[] =>
  events.filter((event): event is Finished => event.kind === 'finished');

describe('TurnDetector on recorded speech', () => {
  it('detects start, barge-in and end of every recorded caller once, on a quiet and on a noisy line', () => {
    const recordings = callers();
    expect(recordings.length).toBeGreaterThan(20);
    for (const dbfs of [-100, -55]) {
      for (const { name, pcm } of recordings) {
        const whole = join(silenceOf(2_000), pcm, silenceOf(2_000));
        const events = listen(over(whole, noise(whole.length / 8, dbfs)));
        const words = wordsOf(pcm);
        const [turn, ...more] = finishedOf(events);
        expect(more, name).toEqual([]);
        expect(
          kindsOf(events).filter((kind) => kind !== 'false-start'),
          name,
        ).toEqual(['started', 'barge-in', 'finished']);
        expect(turn!.startMs, name).toBeGreaterThan(2_000 + words.fromMs - 200);
        expect(turn!.startMs, name).toBeLessThan(2_000 + words.fromMs + 350);
        expect(turn!.endMs, name).toBeGreaterThan(2_000 + words.toMs - 500);
        expect(turn!.endMs, name).toBeLessThan(2_000 + words.toMs + 300);
      }
    }
  });

  it('reports the end after the end-of-turn silence, neither earlier nor much later', () => {
    for (const { pcm } of callers().slice(0, 8)) {
      const events = listen(join(silenceOf(1_000), pcm, silenceOf(2_000)));
      const end = events.find((event) => event.kind === 'finished')!;
      const waited = end.knownAtMs - (end as Finished).endMs;
      expect(waited).toBeGreaterThanOrEqual(SETTINGS.endOfTurnMs);
      expect(waited).toBeLessThanOrEqual(SETTINGS.endOfTurnMs + 40);
    }
  });

  it('reports a barge-in after the barge-in length of speech', () => {
    for (const { pcm } of callers().slice(0, 8)) {
      const events = listen(join(silenceOf(1_000), pcm, silenceOf(1_000)));
      const started = events.find((event) => event.kind === 'started')!;
      const insisted = events.find((event) => event.kind === 'barge-in')!;
      expect(started.knownAtMs - wordsOf(pcm).fromMs - 1_000).toBeLessThan(600);
      expect(insisted.knownAtMs).toBeGreaterThanOrEqual(
        started.knownAtMs + SETTINGS.bargeInMs - SETTINGS.minSpeechMs,
      );
    }
  });

  it('gives the recogniser the words with the audio before them', () => {
    const { pcm } = callers()[0]!;
    const [turn] = finishedOf(listen(join(noise(1_000, -60), pcm, silenceOf(1_500))));
    const heard = decodeMulaw(turn!.mulaw);
    expect(heard.length / 8).toBeCloseTo(turn!.endMs - turn!.startMs + SETTINGS.preRollMs + 200, -1);
    const from = (turn!.startMs - SETTINGS.preRollMs) * 8;
    const whole = decodeMulaw(encodeMulaw(join(noise(1_000, -60), pcm, silenceOf(1_500))));
    expect(Buffer.from(heard.buffer).equals(Buffer.from(whole.slice(from, from + heard.length).buffer))).toBe(
      true,
    );
  });
});

describe('TurnDetector on audio without speech', () => {
  const assistant = [...recordedSpeech().values()].filter(
    ({ speaker, pcm }) => speaker === 'assistant' && pcm.length > 24_000,
  );

  it('reports no barge-in for a cough', () => {
    const cough = recordedSpeechOf('cough').pcm;
    const events = listen(join(silenceOf(1_000), cough, silenceOf(1_500)));
    expect(kindsOf(events)).not.toContain('barge-in');
  });

  it('does not detect line noise, and reports no barge-in for loud steady noise', () => {
    for (const dbfs of [-65, -50, -40, -30])
      expect(kindsOf(listen(noise(10_000, dbfs))), `${dbfs} dBFS`).not.toContain('started');
    const loud = listen(join(silenceOf(1_000), noise(10_000, -20)));
    expect(kindsOf(loud)).not.toContain('barge-in');
    // Its beginning is no steady noise yet; what follows is.
    expect(Math.max(...loud.map((event) => event.knownAtMs))).toBeLessThan(3_000);
  });

  it('reports no barge-in for tones or music of held notes', () => {
    for (const hz of [350, 440, 1_000])
      expect(kindsOf(listen(sine(hz, 4_000, -15))), `${hz} Hz`).not.toContain('barge-in');
    const notes = [262, 330, 392, 523, 392, 330].map((hz) =>
      over(sine(hz, 700, -20), sine(hz * 1.5, 700, -24)),
    );
    expect(kindsOf(listen(join(...notes, ...notes)))).not.toContain('barge-in');
  });

  it('reports no barge-in for the echo of our own audio, 25 dB down', () => {
    expect(assistant.length).toBeGreaterThan(20);
    for (const { name, pcm } of assistant) {
      const echo = over(silenceOf(200 + pcm.length / 8), join(silenceOf(120), pcm), -25);
      expect(kindsOf(listen(echo, () => -15)), name).not.toContain('barge-in');
    }
  });

  it('detects a caller who speaks over our echo', () => {
    const { pcm } = callers()[3]!;
    const own = assistant[0]!.pcm;
    const both = over(join(silenceOf(1_000), pcm, silenceOf(1_000)), own, -25);
    expect(kindsOf(listen(both, () => -15))).toContain('barge-in');
  });

  it('ignores a click', () => {
    const click = join(silenceOf(500), noise(60, -20), silenceOf(1_000));
    expect(kindsOf(listen(click)).every((kind) => kind === 'false-start')).toBe(true);
  });
});

describe('TurnDetector on any line', () => {
  const voiced = (ms: number): Uint8Array => {
    // Loud and quiet by turns, as syllables are: what is even is taken for a tone.
    const parts = Array.from({ length: ms / 20 }, (_, i) => noise(20, i % 4 < 2 ? -14 : -24, i + 1));
    return encodeMulaw(join(...parts));
  };
  const quiet = (ms: number): Uint8Array => encodeMulaw(silenceOf(ms));
  const detector = (settings = SETTINGS): TurnDetector => new TurnDetector(settings, new LoudnessJudge());

  it('gives the same result however the audio is split into frames', () => {
    const sound = Buffer.concat([quiet(1_000), voiced(1_000), quiet(1_000), voiced(300), quiet(1_500)]);
    const inPieces = (sizes: readonly number[]): TurnEvent[] => {
      const one = detector();
      const events: TurnEvent[] = [];
      for (let at = 0, n = 0; at < sound.length; n += 1) {
        const size = sizes[n % sizes.length]!;
        events.push(...one.hear(at / 8, sound.subarray(at, at + size), -100));
        at += size;
      }
      return events;
    };
    const usual = inPieces([160]);
    expect(kindsOf(usual)).toEqual(['started', 'barge-in', 'finished', 'started', 'finished']);
    for (const sizes of [[80], [1], [333, 7], [1_600], [sound.length]])
      expect(inPieces(sizes)).toEqual(usual);
  });

  it('treats a gap as silence of its length', () => {
    const one = detector();
    expect(kindsOf(one.hear(0, voiced(600), -100))).toEqual(['started', 'barge-in']);
    const after = one.hear(5_000, voiced(600), -100);
    expect(kindsOf(after)).toEqual(['finished', 'started', 'barge-in']);
    expect(finishedOf(after)[0]).toMatchObject({ startMs: 0, endMs: 600 });
    expect(after.at(-2)).toMatchObject({ kind: 'started', atMs: 5_000 });
    const short = detector();
    short.hear(0, voiced(600), -100);
    expect(kindsOf(short.hear(900, voiced(300), -100))).toEqual([]);
    const [whole] = finishedOf(short.hear(1_200, quiet(1_000), -100));
    expect(whole).toMatchObject({ startMs: 0, endMs: 1_200 });
    expect(whole!.mulaw.length).toBe((300 + 1_200 + 200) * 8);
  });

  it('processes a gap of hours in the same time', () => {
    const one = detector();
    one.hear(0, voiced(600), -100);
    const events = one.hear(4 * 3_600_000, voiced(600), -100);
    expect(kindsOf(events)).toEqual(['finished', 'started', 'barge-in']);
  });

  it('does not put audio from before a gap in front of the words after it', () => {
    const one = detector();
    one.hear(0, encodeMulaw(noise(1_000, -55)), -100);
    one.hear(60_000, voiced(1_000), -100);
    const [turn] = finishedOf(one.hear(61_000, quiet(1_000), -100));
    expect(turn!.mulaw.subarray(0, 2_400).every((code) => code === 0xff)).toBe(true);
  });

  it('ignores repeated and late frames', () => {
    const sound = Buffer.concat([voiced(1_000), quiet(1_000)]);
    const plain = detector();
    const repeated = detector();
    const events: TurnEvent[] = [];
    const twice: TurnEvent[] = [];
    for (let at = 0; at < sound.length; at += 160) {
      const frame = sound.subarray(at, at + 160);
      events.push(...plain.hear(at / 8, frame, -100));
      twice.push(...repeated.hear(at / 8, frame, -100), ...repeated.hear(at / 8, frame, -100));
      if (at >= 1_600) twice.push(...repeated.hear(at / 8 - 200, voiced(20), -100));
    }
    expect(finishedOf(events).length).toBe(1);
    expect(twice).toEqual(events);
  });

  it('ends an utterance after 30 s and continues with the next', () => {
    const one = detector();
    const events = one.hear(0, voiced(65_000), -100);
    const lengths = finishedOf(events).map(({ startMs, endMs }) => endMs - startMs);
    expect(lengths.length).toBe(2);
    for (const length of lengths) {
      expect(length).toBeGreaterThan(29_900);
      expect(length).toBeLessThanOrEqual(30_000);
    }
    expect(one.speaking).toBe(true);
    expect(finishedOf(one.flush())[0]!.endMs).toBeGreaterThan(64_900);
    expect(one.speaking).toBe(false);
  });

  it('ends the current utterance with the line, and reports none if there is none', () => {
    const one = detector();
    expect(one.flush()).toEqual([]);
    one.hear(0, voiced(60), -100);
    expect(kindsOf(one.flush())).toEqual(['false-start']);
    one.hear(60, quiet(500), -100);
    one.hear(560, voiced(500), -100);
    expect(kindsOf(one.flush())).toEqual(['finished']);
  });

  it('ends an utterance on a line that sends no more frames', () => {
    const one = detector();
    one.hear(0, voiced(800), -100);
    expect(one.silentUntil(1_400)).toEqual([]);
    expect(kindsOf(one.silentUntil(1_520))).toEqual(['finished']);
  });
});

describe('VoiceActivity', () => {
  it('detects nothing after it was released, even twice', () => {
    const judge = new VoiceActivity();
    const speech = callers()[0]!.pcm;
    let heard = 0;
    for (let at = 0; at + 160 <= speech.length; at += 160)
      if (judge.isSpeech(speech.subarray(at, at + 160))) heard += 1;
    expect(heard).toBeGreaterThan(20);
    judge.release();
    judge.release();
    expect(judge.isSpeech(speech.subarray(8_000, 8_160))).toBe(false);
  });
});
