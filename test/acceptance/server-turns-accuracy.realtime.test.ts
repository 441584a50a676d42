import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accuracyTable } from './accuracy-table.ts';
import { type Measured, measureVariant } from './measure-variant.ts';
import { type Runs, runVariants } from './run-variants.ts';
import { VARIANTS } from './variants.ts';

/** Interruptions, and the words of assent of which the turns are the shortest. */
const VARIANT = VARIANTS.find(({ name }) => name === 'a reply that was resumed, then interrupted')!;
const LONGEST_MS = 180_000;
const LEAST_CORRELATION = 0.98;

describe('a Realtime server that decides where turns end', () => {
  let runs: Runs;
  let measured: Measured;

  beforeAll(async () => {
    runs = await runVariants([VARIANT], 'realtime', { REALTIME_TURNS: 'server' });
    measured = measureVariant(runs.played[0]!);
    process.stdout.write(`\n${accuracyTable([measured])}\n\n`);
  }, LONGEST_MS);
  afterAll(() => runs.close(), 30_000);

  it('heard the line, and ended the turns', () => {
    const detection = runs
      .realtime!.of('session.update')
      .map(({ session }) => session.audio?.input?.turn_detection);
    expect(detection).toContainEqual(expect.objectContaining({ type: 'semantic_vad' }));
    const sent = runs.realtime!.of('input_audio_buffer.append').map(({ audio }) => audio.length * 0.75);
    const sentMs = sent.reduce((sum, one) => sum + one, 0) / 8;
    expect(sentMs).toBeGreaterThan(runs.played[0]!.report.streams[0]!.lengthMs * 0.9);
    // After words of assent the reply is to go on soon: their turn ends by our own rule.
    expect(runs.realtime!.of('input_audio_buffer.commit').length).toBeLessThanOrEqual(1);
  });

  it('has a recording in which both sides are where they were heard', () => {
    expect(runs.played[0]!.report.errors).toEqual([]);
    const { pieces, strayMs } = measured.assistant!;
    expect(pieces.length).toBeGreaterThanOrEqual(4);
    for (const { lagMs, endErrorMs, correlation } of pieces) {
      expect(Math.abs(lagMs)).toBeLessThanOrEqual(VARIANT.boundMs);
      expect(Math.abs(endErrorMs)).toBeLessThanOrEqual(VARIANT.boundMs);
      expect(correlation).toBeGreaterThanOrEqual(LEAST_CORRELATION);
    }
    expect(strayMs).toBe(0);
  });
});
