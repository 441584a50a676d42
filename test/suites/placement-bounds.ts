import { describe, expect, it } from 'vitest';
import { placementOf, recordedAssistant, worst } from '../call/playback/placement.ts';
import { type RandomTalk, randomTalk } from '../call/random-talk.ts';
import { StreamRehearsal } from '../call/stream-rehearsal.ts';

/** The error bounds of placement, over `calls` random calls for each kind of line. */
export function placementIsWithinBounds(calls: number): void {
  /** No bound means anything unless so many frames were compared. */
  const leastFrames = 200 * calls;

  /** The worst of many random calls: how far off anything was placed, cut, or the length taken. */
  function worstOf(talk: RandomTalk): {
    placedMs: number;
    cutFrames: number;
    lengthMs: number;
    frames: number;
  } {
    const all = { placedMs: 0, cutFrames: 0, lengthMs: 0, frames: 0 };
    for (let seed = 1; seed <= calls; seed += 1) {
      const rehearsal = new StreamRehearsal(randomTalk(talk, seed), seed).run();
      const { events } = rehearsal.journal;
      const played = rehearsal.side.playedAssistant();
      const { reading, mulaw } = recordedAssistant(events);
      const placement = placementOf(events, played, mulaw);
      all.placedMs = worst([all.placedMs, ...placement.offMs]);
      all.cutFrames = worst([all.cutFrames, ...placement.cutOffFrames]);
      all.lengthMs = worst([all.lengthMs, reading.lengthMs - played.length / 8]);
      all.frames += placement.offMs.length;
    }
    return all;
  }

  describe('Placement against a media server', () => {
    it('places everything within 20 ms of where it was heard without network delay', () => {
      const { placedMs, cutFrames, lengthMs, frames } = worstOf({ network: false });
      expect(frames).toBeGreaterThan(leastFrames);
      expect(Math.abs(placedMs)).toBeLessThanOrEqual(20);
      expect(Math.abs(cutFrames)).toBeLessThanOrEqual(2);
      expect(Math.abs(lengthMs)).toBeLessThanOrEqual(20);
    });

    it('places everything within 40 ms on a slow, asymmetric network with jitter', () => {
      const { placedMs, cutFrames, lengthMs, frames } = worstOf({ network: true });
      expect(frames).toBeGreaterThan(leastFrames);
      expect(Math.abs(placedMs)).toBeLessThanOrEqual(40);
      expect(Math.abs(cutFrames)).toBeLessThanOrEqual(2);
      expect(Math.abs(lengthMs)).toBeLessThanOrEqual(20);
    });

    it('places everything within 40 ms when our event loop stalls and reads messages in bursts', () => {
      const { placedMs, cutFrames, lengthMs, frames } = worstOf({ network: true, stalls: true });
      expect(frames).toBeGreaterThan(leastFrames);
      expect(Math.abs(placedMs)).toBeLessThanOrEqual(40);
      expect(Math.abs(cutFrames)).toBeLessThanOrEqual(3);
      expect(Math.abs(lengthMs)).toBeLessThanOrEqual(20);
    });

    it('places everything within 40 ms on a line without frames while the caller is silent', () => {
      const { placedMs, lengthMs, frames } = worstOf({ network: true, silentLine: true });
      expect(frames).toBeGreaterThan(leastFrames);
      expect(Math.abs(placedMs)).toBeLessThanOrEqual(40);
      expect(Math.abs(lengthMs)).toBeLessThanOrEqual(30);
    });
  });
}
