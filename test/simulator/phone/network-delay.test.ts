import { describe, expect, it } from 'vitest';
import { NetworkDelay } from '../../../src/simulator/phone/network-delay.ts';

describe('NetworkDelay', () => {
  const arrivals = (seed: number) => {
    const delay = new NetworkDelay({ fixedMs: 20, jitterMs: 60, seed });
    return Array.from({ length: 2000 }, (_, i) => ({ sent: i * 5, arrives: delay.arrivalOf(i * 5) }));
  };

  it('adds only the fixed part without jitter', () => {
    const delay = new NetworkDelay({ fixedMs: 120 });
    expect([0, 20, 21.5].map((ms) => delay.arrivalOf(ms))).toEqual([120, 140, 141.5]);
  });

  it('never delivers a message before an earlier one, or outside its limits', () => {
    const all = arrivals(7);
    expect(all.every(({ sent, arrives }) => arrives >= sent + 20 && arrives <= sent + 80)).toBe(true);
    expect(all.every(({ arrives }, i) => arrives >= (all[i - 1]?.arrives ?? 0))).toBe(true);
    const delays = all.map(({ sent, arrives }) => arrives - sent);
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(40);
  });

  it('is the same for the same seed and differs for another', () => {
    expect(arrivals(7)).toEqual(arrivals(7));
    expect(arrivals(7)).not.toEqual(arrivals(8));
  });
});
