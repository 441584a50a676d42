import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SILENT_DBFS, SpeechGate } from '../../../src/audio/speech/speech-gate.ts';

/** The gate's rule without echo, from all levels at once: above the background of 75 frames, and not steady over 15. */
function passesNow(heard: readonly number[]): boolean {
  const levels = [...Array.from({ length: 75 }, () => -60), ...heard].map(Math.fround);
  const background = Math.min(0, ...levels.slice(-75));
  const steady = levels.slice(-15);
  const range = Math.max(-100, ...steady) - Math.min(0, ...steady);
  return heard.at(-1)! > Math.max(-48, background + 8) && range >= 3;
}

const level = fc.oneof(
  fc.double({ min: -100, max: 0, noNaN: true }),
  fc.constantFrom(-100, -60, -60.000001, -55, -40.1, -40, -30, 0),
);

it('passes a frame by the levels of the frames before it, also after long and steady ones', () => {
  const levels = fc
    .array(fc.tuple(level, fc.integer({ min: 1, max: 90 })), { minLength: 1, maxLength: 20 })
    .map((runs) => runs.flatMap(([dbfs, frames]) => Array.from({ length: frames }, () => dbfs)));
  fc.assert(
    fc.property(levels, (heard) => {
      const gate = new SpeechGate();
      const passed = heard.map((dbfs) => gate.passes(dbfs, SILENT_DBFS, false));
      expect(passed).toEqual(heard.map((_, index) => passesNow(heard.slice(0, index + 1))));
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 100) },
  );
});
