import { expect, it } from 'vitest';
import { EchoLevel } from '../../../src/audio/speech/echo-level.ts';
import { SpeechGate } from '../../../src/audio/speech/speech-gate.ts';

const OWN_DBFS = -15;

function heard(level: EchoLevel, frames: number, dbfs: (frame: number) => number): EchoLevel {
  for (let frame = 0; frame < frames; frame += 1) level.add(dbfs(frame), OWN_DBFS);
  return level;
}

it('EchoLevel expects an echo 18 dB below our audio, until it has heard 3 s of a line without one', () => {
  const level = new EchoLevel();
  expect(level.most(OWN_DBFS)).toBe(-33);
  expect(heard(level, 149, () => -60).most(OWN_DBFS)).toBe(-33);
  // The usual level and 9 dB for peaks.
  expect(heard(level, 1, () => -60).most(OWN_DBFS)).toBe(-51);
});

it('EchoLevel does not follow a caller who begins to speak, and follows an echo', () => {
  const level = heard(new EchoLevel(), 200, () => -60);
  expect(heard(level, 15, () => -20).most(OWN_DBFS)).toBe(-51);
  // The most that is ever expected: 10 dB below our audio.
  expect(heard(level, 1, () => -20).most(OWN_DBFS)).toBe(-25);
  const echo = heard(new EchoLevel(), 200, (frame) => (frame % 3 === 0 ? -42 : -50));
  expect(echo.most(OWN_DBFS)).toBe(-33);
  expect(heard(new EchoLevel(), 200, () => -48).most(OWN_DBFS)).toBe(-39);
  expect(heard(echo, 150, () => -60).most(OWN_DBFS)).toBe(-51);
});

it('SpeechGate takes a caller who interrupts for no echo', () => {
  const gateAfter = (isInterrupted: boolean): SpeechGate => {
    const gate = new SpeechGate();
    for (let frame = 0; frame < 150; frame += 1) gate.passes(-60, OWN_DBFS, false);
    for (let frame = 0; frame < 50; frame += 1)
      gate.passes(frame % 2 === 0 ? -60 : -20, OWN_DBFS, isInterrupted);
    return gate;
  };
  expect(gateAfter(true).passes(-35, OWN_DBFS, false)).toBe(true);
  expect(gateAfter(false).passes(-35, OWN_DBFS, false)).toBe(false);
});
