import { describe, expect, it } from 'vitest';
import type { ReplyPipeline } from '../../../../src/call/dialog/reply/reply-pipeline.ts';
import { Interruption } from '../../../../src/call/dialog/turn-taking/interruption.ts';
import { Assent } from '../../../../src/call/dialog/turn-taking/assent.ts';

describe('Interruption', () => {
  const reply = {} as ReplyPipeline;

  it('is harmless after a cough or a word of assent, not after other words', () => {
    const interruption = new Interruption(new Assent(), 'de');
    interruption.begin(reply, { isAsking: false });
    expect(['', 'Ja.', 'Okay.', 'Nein.', 'Ja, aber …'].map((text) => interruption.isHarmless(text))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('is harmless after a cough alone if the caller was being asked something', () => {
    const interruption = new Interruption(new Assent(), 'en');
    interruption.begin(reply, { isAsking: true });
    expect(interruption.isHarmless('')).toBe(true);
    expect(interruption.isHarmless('Yes.')).toBe(false);
    expect(interruption.isHarmless('Mm-hm.')).toBe(false);
  });

  it('is over when its reply was taken', () => {
    const interruption = new Interruption(new Assent(), 'en');
    expect(interruption.isHarmless('')).toBe(false);
    interruption.settle();
    expect(interruption.isSettled).toBe(false);
    interruption.begin(reply, { isAsking: false });
    expect([interruption.pending, interruption.isSettled]).toEqual([true, false]);
    interruption.settle();
    expect(interruption.isSettled).toBe(true);
    expect(interruption.take()).toBe(reply);
    expect([interruption.pending, interruption.isSettled, interruption.take()]).toEqual([
      false,
      false,
      undefined,
    ]);
  });
});
