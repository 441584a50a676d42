import { describe, expect, test } from 'vitest';
import { reconstructCall } from '../../src/records/reconstruct-call.ts';
import type { CallFigures } from '../../src/records/reconstructed-call.ts';
import { TOLD_AT_MS, ToldCall } from './told-call.ts';

/** A cut is dated between two frames. */
const FRAME_MS = 20;

function figuresOf(call: ToldCall): CallFigures {
  return reconstructCall(call.events)!.figures;
}

function expectDelays(delays: readonly number[] | undefined, expected: readonly number[]): void {
  expect(delays).toHaveLength(expected.length);
  expected.forEach((ms, index) => {
    expect(Math.abs(delays![index]! - ms)).toBeLessThan(FRAME_MS);
  });
}

describe('the waiting time of callers', () => {
  test('for an answer: from the end of their words to the first audio of the reply', () => {
    const call = new ToldCall().caller(0, 1_000, 440).turn(1, 0, 1_000).caller(1_000, 900);
    call.says(1_900, 500, { reply: 1 }).caller(1_900, 500).says(2_400, 500, { reply: 1 });
    expectDelays(figuresOf(call.caller(2_400, 600).ends(3_000)).answerMs, [900]);
  });

  test('for silence: from their first sound over a reply to the cut, over all its pieces', () => {
    const call = new ToldCall().says(0, 1_000, { reply: 1 }).says(0, 3_000, { reply: 1 }).caller(0, 2_000);
    call.clears(2_000).caller(2_000, 1_000).turn(1, 1_400, 2_600).ends(3_000);
    expectDelays(figuresOf(call).bargeInMs, [600]);
  });

  test('for silence: does not start with a "mhm" that interrupts nothing', () => {
    const call = new ToldCall().says(0, 4_000).caller(0, 3_000).turn(1, 500, 700);
    call.clears(3_000).caller(3_000, 1_000).turn(2, 2_500, 3_500).ends(4_000);
    expectDelays(figuresOf(call).bargeInMs, [500]);
  });

  test('for silence: starts with the reply if the caller spoke before it', () => {
    const call = new ToldCall().caller(0, 1_000).says(1_000, 2_000).caller(1_000, 500);
    call.clears(1_500).caller(1_500, 500).turn(1, 200, 1_800).ends(2_000);
    expectDelays(figuresOf(call).bargeInMs, [500]);
  });

  test('for silence: to the first cut of a reply that continued after it', () => {
    const call = new ToldCall().says(0, 4_000, { reply: 1 }).caller(0, 2_000);
    call.clears(2_000).caller(2_000, 1_000).turn(1, 1_400, 2_000, 'Okay.');
    call.says(3_000, 2_000, { reply: 1, continues: 1 }).caller(3_000, 2_500);
    expectDelays(figuresOf(call.ends(5_500)).bargeInMs, [600]);
  });

  test('for silence: excludes replies heard to the end and those cut by an operator', () => {
    const call = new ToldCall().says(0, 1_000).caller(0, 1_500).turn(1, 800, 1_400).says(1_500, 2_000);
    call.caller(1_500, 500).clears(2_000).caller(2_000, 500);
    call.tell({ kind: 'operator', atMs: TOLD_AT_MS + 2_000, what: 'took over' });
    const figures = figuresOf(call.ends(2_500));
    expect(figures.bargeInMs).toEqual([]);
    expect(figures.interruptions).toBe(1);
  });
});
