import { expect, it } from 'vitest';
import { EchoLevel } from '../../../src/audio/speech/echo-level.ts';

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
  expect(heard(level, 1, () => -20).most(OWN_DBFS)).toBe(-33);
  const echo = heard(new EchoLevel(), 200, (frame) => (frame % 3 === 0 ? -42 : -50));
  expect(echo.most(OWN_DBFS)).toBe(-33);
  expect(heard(new EchoLevel(), 200, () => -48).most(OWN_DBFS)).toBe(-39);
  expect(heard(echo, 150, () => -60).most(OWN_DBFS)).toBe(-51);
});
