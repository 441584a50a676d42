import { beforeAll, describe, expect, it } from 'vitest';
import { CallerLevel, LoudestFrames } from '../../../src/audio/speech/caller-level.ts';
import { loadVoiceActivity } from '../../../src/audio/speech/voice-activity.ts';
import { callers, join, kindsOf, listen, over, silenceOf } from './listen.ts';

beforeAll(loadVoiceActivity);

function loudest(...dbfs: readonly number[]): LoudestFrames {
  const frames = new LoudestFrames();
  for (const one of dbfs) frames.add(one);
  return frames;
}

describe('CallerLevel', () => {
  it('is the third loudest frame of a turn', () => {
    expect(loudest(-50, -12, -20, -18, -25, -3).levelDbfs).toBe(-18);
    expect(loudest(-12, -20).levelDbfs).toBe(-100);
  });

  it('follows a louder caller at once, a quieter one in several turns', () => {
    const at = (dbfs: number): LoudestFrames => loudest(dbfs, dbfs, dbfs);
    const level = new CallerLevel();
    expect(level.isBackground(at(-60))).toBe(false);
    level.learn(at(-30));
    level.learn(at(-20));
    expect([level.isBackground(at(-29)), level.isBackground(at(-31))]).toEqual([false, true]);
    level.learn(at(-36));
    expect([level.isBackground(at(-37)), level.isBackground(at(-39))]).toEqual([false, true]);
  });
});

describe('TurnDetector with our own audio', () => {
  const [caller, other] = [callers()[0]!.pcm, callers()[5]!.pcm];
  /** The caller's turn, and then a voice over our own audio, changed by so many decibels. */
  const after = (db: number) => {
    const quiet = join(silenceOf(1_000), caller, silenceOf(2_000));
    const sound = over(
      join(quiet, silenceOf(other.length / 8 + 1_500)),
      join(
        quiet.map(() => 0),
        other,
      ),
      db,
    );
    return listen(sound, (frame) => (frame * 20 >= quiet.length / 8 ? -40 : -100)).slice(3);
  };

  it('is interrupted by the caller, also when speaking somewhat lower', () => {
    for (const db of [0, -6])
      expect(kindsOf(after(db)), `${db} dB`).toEqual(['started', 'barge-in', 'finished']);
  });

  it('reports a voice that is 15 dB quieter as one in the background', () => {
    const events = after(-15);
    expect(kindsOf(events)).toEqual(['started', 'finished']);
    expect(events.at(-1)).toMatchObject({ isBackground: true });
  });
});
