import { describe, expect, it } from 'vitest';
import { Playback } from '../../../src/call/playback/playback.ts';
import { NetworkDelay } from '../../../src/simulator/phone/network-delay.ts';
import { seededRandom } from '../../../src/simulator/seeded-random.ts';
import { placementIsWithinBounds } from '../../suites/placement-bounds.ts';
import { randomTalk } from '../random-talk.ts';
import { BEGUN_AT_MS, StreamRehearsal } from '../stream-rehearsal.ts';
import { recordedAssistant, worst } from './placement.ts';

/** The integration tier plays many more. */
placementIsWithinBounds(3);

describe('Playback against a media server', () => {
  it('counts nothing as heard that was not played at the stop', () => {
    const acts = [{ atMs: 500, do: 'say', ms: 6_000, chunkMs: 500, everyMs: 5 } as const];
    const rehearsal = new StreamRehearsal({ acts, stopMs: 2_503, up: { fixedMs: 90 } }).run();
    const { events } = rehearsal.journal;
    const { reading, mulaw } = recordedAssistant(events);
    const [piece] = reading.pieces;
    expect(piece!.sentSamples).toBe(48_000);
    expect(piece!.endMs).toBeLessThanOrEqual(reading.lengthMs);
    expect(Math.abs(piece!.heardSamples / 8 - 2_003)).toBeLessThanOrEqual(40);
    expect(mulaw.length / 8).toBe(reading.lengthMs);
  });

  it('gives the same results live and from the journal', () => {
    const options = randomTalk({ network: true, stalls: true }, 5);
    const rehearsal = new StreamRehearsal(options, 5).run();
    const { pieces } = recordedAssistant(rehearsal.journal.events).reading;
    const last = pieces.at(-1)!;
    const live = rehearsal.playback.heard(last.piece, BEGUN_AT_MS + options.stopMs + 1_000);
    expect(last.heardSamples).toBeGreaterThan(0);
    expect(live).toMatchObject({ heardSamples: last.heardSamples, startMs: last.startMs, endMs: last.endMs });
  });

  it('states the evidence of every piece: acked between its bounds, or estimated', () => {
    const acts = [
      { atMs: 500, do: 'say', ms: 1_000, chunkMs: 500, everyMs: 5 },
      { atMs: 4_000, do: 'say', ms: 1_000, chunkMs: 500, everyMs: 5 },
    ] as const;
    const delays = { up: { fixedMs: 120 }, down: { fixedMs: 20 } };
    const known = new StreamRehearsal({ acts, stopMs: 7_000, ...delays }).run();
    for (const piece of recordedAssistant(known.journal.events).reading.pieces) {
      expect(piece.evidence).toBe('acked');
      const { fromMs, toMs } = piece.bounds!;
      expect(toMs - fromMs).toBeLessThanOrEqual(20);
      const truly = piece.piece === 1 ? 520 : 4_020;
      expect(fromMs).toBeLessThanOrEqual(truly);
      expect(toMs).toBeGreaterThanOrEqual(truly);
    }
    const unknown = new StreamRehearsal({ acts, stopMs: 7_000, ...delays, loseMarks: 1 }).run();
    const guessed = recordedAssistant(unknown.journal.events).reading.pieces;
    expect(guessed.map((piece) => piece.evidence)).toEqual(['estimated', 'estimated']);
    expect(guessed.map((piece) => piece.heardSamples)).toEqual([8_000, 8_000]);
  });
});

describe('Playback', () => {
  it("does not drift in four hours although the media server's clock is slower", () => {
    const hours = 4 * 3_600_000;
    // Real oscillators differ by less than this.
    const clockRate = 1 + 100e-6;
    const up = new NetworkDelay({ fixedMs: 40, jitterMs: 60, seed: 3 });
    const down = new NetworkDelay({ fixedMs: 110, jitterMs: 30, seed: 4 });
    const random = seededRandom(9);
    const playback = new Playback(BEGUN_AT_MS + 40);
    const offMs: number[] = [];
    let echo: { reachedMs: number; name: string } | undefined;
    let due: { piece: number; startMs: number } | undefined;
    for (let streamMs = 0; streamMs < hours; streamMs += 20) {
      while (echo && echo.reachedMs < streamMs) {
        playback.markReturned(echo.name, BEGUN_AT_MS + up.arrivalOf(echo.reachedMs * clockRate));
        echo = undefined;
      }
      const atMs = BEGUN_AT_MS + up.arrivalOf(streamMs * clockRate);
      playback.frame(streamMs, 160, atMs);
      if (due && streamMs > due.startMs + 5_000) {
        offMs.push(playback.heard(due.piece, atMs).startMs! - due.startMs);
        due = undefined;
      }
      if (streamMs % 60_000 !== 30_000) continue;
      const piece = streamMs / 1_000;
      const sentAtMs = atMs + random() * 20;
      playback.markSent(`m${piece}`, sentAtMs);
      playback.sent(piece, 8_000, sentAtMs);
      const startMs = down.arrivalOf(sentAtMs - BEGUN_AT_MS) / clockRate;
      due = { piece, startMs };
      echo = { reachedMs: startMs, name: `m${piece}` };
    }
    expect(offMs.length).toBe(240);
    expect(Math.abs(worst(offMs))).toBeLessThanOrEqual(40);
    expect(Math.abs(worst(offMs.slice(-30)))).toBeLessThanOrEqual(20);
  });

  it('counts a mark that returned before the fence as heard, and one of the burst as dropped', () => {
    const playback = new Playback(BEGUN_AT_MS);
    const frames = (from: number, to: number): void => {
      for (let ms = from; ms <= to; ms += 20) playback.frame(ms, 160, BEGUN_AT_MS + ms);
    };
    frames(0, 100);
    playback.markSent('lead', BEGUN_AT_MS + 100);
    playback.sent(1, 8_000, BEGUN_AT_MS + 100);
    playback.markReturned('lead', BEGUN_AT_MS + 101);
    playback.markSent('end', BEGUN_AT_MS + 102);
    frames(120, 600);
    playback.cleared('fence', BEGUN_AT_MS + 605);
    playback.markReturned('end', BEGUN_AT_MS + 606);
    playback.markReturned('fence', BEGUN_AT_MS + 606);
    frames(620, 1_500);
    const { heardSamples, evidence } = playback.heard(1, BEGUN_AT_MS + 1_500);
    expect(evidence).toBe('acked');
    expect(Math.abs(heardSamples / 8 - 500)).toBeLessThanOrEqual(20);
  });

  it('does not accept a mark that was never sent or has already returned', () => {
    const playback = new Playback(BEGUN_AT_MS);
    playback.markSent('m1', BEGUN_AT_MS);
    expect(playback.markReturned('m2', BEGUN_AT_MS + 1)).toBe(false);
    expect(playback.markReturned('m1', BEGUN_AT_MS + 1)).toBe(true);
    expect(playback.markReturned('m1', BEGUN_AT_MS + 2)).toBe(false);
    expect(playback.awaitsMarks).toBe(false);
  });

  it('has no result for a piece of which nothing was sent', () => {
    const playback = new Playback(BEGUN_AT_MS);
    expect(playback.heard(7, BEGUN_AT_MS + 100)).toEqual({
      sentSamples: 0,
      heardSamples: 0,
      evidence: 'acked',
    });
  });
});
