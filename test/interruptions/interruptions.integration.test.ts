import { beforeAll, describe, expect, it } from 'vitest';
import { loadVoiceActivity } from '../../src/audio/speech/voice-activity.ts';
import { playTake, type TakeResult } from './play-take.ts';
import { sharesOf } from './shares.ts';
import { sentences, SITUATIONS, takesOf } from './situations.ts';

/** `npm run bench -- --only interruptions` plays ten. */
const TAKES = 3;

const results: TakeResult[] = [];
const shown = (wrong: readonly TakeResult[]): string[] =>
  wrong.map(({ kind, take, outcome }) => `${kind}, take ${take}: ${outcome}`);

beforeAll(async () => {
  await loadVoiceActivity();
  for (const situation of SITUATIONS)
    for (const take of takesOf(situation, TAKES)) results.push(await playTake(take));
});

describe('a sound over a reply', () => {
  it('ends it if the caller means to interrupt', () => {
    const wrong = results.filter(({ expected, outcome }) => expected === 'stop' && outcome !== 'stopped');
    expect(shown(wrong)).toEqual([]);
  });

  it('lets it be heard to its end otherwise', () => {
    const wrong = results.filter(({ expected, outcome }) => expected !== 'stop' && outcome === 'stopped');
    expect(shown(wrong)).toEqual([]);
  });

  it('does not stop it if it is no voice of the caller, in 95 of 100 cases', () => {
    expect(sharesOf(results).falseStops).toBeLessThanOrEqual(0.05);
  });

  it('silences the assistant within 300 ms of the first sample of a sentence in the median, 400 ms at the 95th percentile', async () => {
    const times: number[] = [];
    for (const sentence of sentences()) times.push((await playTake(sentence)).silentAfterMs ?? Infinity);
    times.sort((a, b) => a - b);
    expect(times.length).toBeGreaterThan(20);
    expect(times[Math.floor(times.length * 0.5)]).toBeLessThanOrEqual(300);
    expect(times[Math.floor(times.length * 0.95)]).toBeLessThanOrEqual(400);
  });
});
