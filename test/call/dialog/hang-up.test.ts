import { describe, expect, it } from 'vitest';
import { GreetingCache } from '../../../src/call/dialog/greeting-cache.ts';
import { HangUp } from '../../../src/call/dialog/hang-up.ts';
import type { Voice } from '../../../src/call/ports.ts';

describe('HangUp', () => {
  it('waits 300 ms after everything was heard, then requests the end every 5 s', () => {
    const hangUp = new HangUp(0, 0);
    const due: number[] = [];
    hangUp.request('silence', 1_000);
    for (let ms = 1_000; ms < 15_000; ms += 100) if (hangUp.due(ms < 3_000, ms)) due.push(ms);
    expect(due).toEqual([3_300, 8_300, 13_300]);
  });

  it('restarts its wait when more is spoken', () => {
    const hangUp = new HangUp(0, 0);
    hangUp.request('silence', 0);
    expect(hangUp.due(false, 0)).toBe(false);
    expect(hangUp.due(true, 200)).toBe(false);
    expect(hangUp.due(false, 400)).toBe(false);
    expect(hangUp.due(false, 700)).toBe(true);
  });

  it('ends the call after half a minute even if audio is pending', () => {
    const hangUp = new HangUp(0, 0);
    hangUp.request('silence', 0);
    expect(hangUp.due(true, 29_900)).toBe(false);
    expect(hangUp.due(true, 30_000)).toBe(true);
  });

  it('does nothing without a request, and detects the maximum length', () => {
    const hangUp = new HangUp(1_000, 2);
    expect(hangUp.due(false, 1e9)).toBe(false);
    expect(hangUp.timeIsUp(120_999)).toBe(false);
    expect(hangUp.timeIsUp(121_000)).toBe(true);
    expect(new HangUp(0, 0).timeIsUp(1e12)).toBe(false);
  });
});

describe('GreetingCache', () => {
  const voiceOf = (pieces: () => Iterable<Uint8Array>): { voice: Voice; asked: () => number } => {
    let asked = 0;
    const voice: Voice = {
      async *speak() {
        asked += 1;
        await Promise.resolve();
        yield* pieces();
      },
    };
    return { voice, asked: () => asked };
  };

  it('has no greeting without a speech service', () => {
    expect(new GreetingCache(undefined, 'Hello.').ready()).toBe('none');
  });

  it('requests the greeting once and keeps it', async () => {
    const { voice, asked } = voiceOf(() => [new Uint8Array([1, 2]), new Uint8Array([3])]);
    const greeting = new GreetingCache(voice, 'Hello.');
    expect(greeting.ready()).toBeUndefined();
    await Promise.all([greeting.prepare(), greeting.prepare()]);
    await greeting.prepare();
    expect(asked()).toBe(1);
    expect(greeting.ready()).toEqual({ text: 'Hello.', mulaw: Buffer.from([1, 2, 3]) });
  });

  it('requests it again after a failure', async () => {
    let broken = true;
    const { voice, asked } = voiceOf(() => {
      if (broken) throw new Error('no voice');
      return [new Uint8Array(8)];
    });
    const greeting = new GreetingCache(voice, 'Hello.');
    await greeting.prepare();
    expect(greeting.ready()).toBeUndefined();
    broken = false;
    await greeting.prepare();
    expect(asked()).toBe(2);
    expect(greeting.ready()).toMatchObject({ text: 'Hello.' });
  });

  it('stops reading a response that never ends', async () => {
    const { voice } = voiceOf(function* () {
      for (;;) yield new Uint8Array(8_000);
    });
    const greeting = new GreetingCache(voice, 'Hello.');
    await greeting.prepare();
    const made = greeting.ready();
    expect(typeof made === 'object' && made.mulaw.length).toBeLessThanOrEqual(248_000);
  });
});
