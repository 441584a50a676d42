import { describe, expect, it } from 'vitest';
import { MULAW_SILENCE } from '../../../src/audio/telephone.ts';
import { MeasuredVoice } from '../../../src/call/playback/measured-voice.ts';
import type { Voice } from '../../../src/call/ports.ts';
import { StreamRehearsal } from '../stream-rehearsal.ts';

/** A part of a sentence: its length, and when it arrives after the request. */
type Part = readonly [lengthMs: number, atMs: number];

const SIGNAL = new AbortController().signal;

function steadily(chunkMs: number, everyMs: number, ms = 2_000): Part[] {
  return Array.from({ length: Math.ceil(ms / chunkMs) }, (_, index) => [chunkMs, 150 + index * everyMs]);
}

/** A voice whose sentences arrive as given, one after the other. */
function measured(...sentences: (readonly Part[])[]) {
  const clock = { nowMs: 0 };
  const left = [...sentences];
  const voice: Voice = {
    server: 'voice.example',
    async *speak() {
      const askedMs = clock.nowMs;
      for (const [lengthMs, atMs] of left.shift() ?? []) {
        clock.nowMs = askedMs + atMs;
        yield await Promise.resolve(new Uint8Array(lengthMs * 8));
      }
    },
  };
  return { clock, voice: new MeasuredVoice(voice, () => clock.nowMs) };
}

async function delayAfter(...sentences: (readonly Part[])[]): Promise<number | undefined> {
  const { voice } = measured(...sentences);
  for (const _ of sentences) for await (const part of voice.speak('words', SIGNAL)) void part;
  return voice.playoutDelayMs;
}

describe('MeasuredVoice', () => {
  it('passes on what the voice says, and whose it is', async () => {
    const { voice } = measured([
      [100, 0],
      [50, 5],
    ]);
    const lengths: number[] = [];
    for await (const part of voice.speak('words', SIGNAL))
      if (part instanceof Uint8Array) lengths.push(part.length);
    expect(lengths).toEqual([800, 400]);
    expect(voice.server).toBe('voice.example');
  });

  it('knows nothing of a voice that has not spoken', async () => {
    expect(await delayAfter()).toBeUndefined();
    expect(await delayAfter([])).toBeUndefined();
  });

  it.each([
    ['12 times as fast as real time', steadily(200, 17), 0],
    ['12 times as fast as real time, in smaller parts', steadily(100, 8), 0],
    // The resampler keeps the end of a part until the next one.
    ['12 times as fast as real time, with a short first part', [[87, 141], ...steadily(100, 9)] as Part[], 0],
    ['12 times as fast as real time, in small parts', steadily(20, 2), 10],
    ['a whole sentence at once', [[1_700, 900]] as Part[], 0],
    ['twice as fast, in large parts', steadily(400, 200), 0],
    // The second part must be there when the first has been played, and 60 ms in reserve.
    ['as fast as real time', steadily(100, 100), 60],
    ['as fast as real time, in small parts', steadily(20, 20), 100],
    [
      'a first part that is followed late',
      [
        [100, 0],
        [900, 200],
        [900, 210],
      ] as Part[],
      160,
    ],
    ['four fifths of real time', steadily(100, 125), 60 + 19 * 25],
  ])('delays a voice by what it needs: %s', async (_, sentence, delayMs) => {
    expect(await delayAfter(sentence)).toBeCloseTo(delayMs, 0);
  });

  it('is not delayed by a stall among eight sentences, but by more of them', async () => {
    const steady = steadily(100, 8);
    const stalled: Part[] = [
      [100, 150],
      [2_000, 600],
    ];
    expect(await delayAfter(stalled)).toBeCloseTo(410, 0);
    expect(await delayAfter(stalled, stalled)).toBeCloseTo(410, 0);
    expect(await delayAfter(stalled, steady)).toBe(0);
    expect(await delayAfter(stalled, steady, stalled)).toBeCloseTo(410, 0);
    expect(await delayAfter(steady, stalled, steady, steady)).toBe(0);
    const steady16 = Array.from({ length: 16 }, () => steady);
    expect(await delayAfter(...steady16, ...Array.from({ length: 2 }, () => stalled))).toBe(0);
    expect(await delayAfter(...steady16, ...Array.from({ length: 3 }, () => stalled))).toBeCloseTo(410, 0);
    expect(await delayAfter(stalled, stalled, stalled, ...steady16)).toBe(0);
  });

  it('counts a sentence that was cancelled while its audio had run out, and none that was cancelled before', async () => {
    const { voice, clock } = measured(steadily(100, 100), steadily(100, 100));
    for await (const part of voice.speak('words', SIGNAL)) {
      expect(part).toBeDefined();
      break;
    }
    expect(voice.playoutDelayMs).toBeUndefined();
    for await (const part of voice.speak('words', SIGNAL)) {
      expect(part).toBeDefined();
      clock.nowMs += 500;
      break;
    }
    expect(voice.playoutDelayMs).toBeCloseTo(460, 0);
  });

  it.each([
    ['fast', 200, 17, 0],
    ['fast, in smaller parts', 100, 8, 0],
    ['fast, in small parts', 30, 5, 40],
    ['a little faster than real time', 100, 80, 100],
    ['as fast as real time', 100, 100, 100],
  ])('a sentence has no gaps on a network with jitter: %s', async (_, chunkMs, everyMs, atMostMs) => {
    const playoutDelayMs = await delayAfter(steadily(chunkMs, everyMs));
    for (let seed = 1; seed <= 20; seed += 1) {
      const rehearsal = new StreamRehearsal(
        {
          acts: [{ atMs: 500, do: 'say', ms: 2_000, chunkMs, everyMs, playoutDelayMs }],
          stopMs: 5_000,
          up: { fixedMs: 20, jitterMs: 60, seed },
          down: { fixedMs: 20, jitterMs: 60, seed: seed + 100 },
        },
        seed,
      ).run();
      const { atMs } = rehearsal.wire.find(({ text }) => text.includes('"media"'))!;
      expect(atMs - 500).toBeLessThanOrEqual(atMostMs);
      const played = rehearsal.side.playedAssistant();
      const from = played.findIndex((code) => code !== MULAW_SILENCE);
      const to = played.findLastIndex((code) => code !== MULAW_SILENCE);
      // One frame may come late. The first and last sounds may equal silence.
      expect((to - from + 1) / 8).toBeGreaterThan(1_990);
      expect((to - from + 1) / 8).toBeLessThan(2_020);
    }
  });
});
