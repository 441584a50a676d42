import { describe, expect, it } from 'vitest';
import { mixMono } from '../../../src/audio/mix.ts';
import { encodeMulaw } from '../../../src/audio/mulaw.ts';
import { sine } from '../../../src/audio/tone.ts';
import type { CallEvent } from '../../../src/events/call-events.ts';
import { layOutAudio } from '../../../src/records/recording/audio-timeline.ts';
import { reconstructCall } from '../../../src/records/reconstruct-call.ts';
import { TOLD_AT_MS, ToldCall } from '../told-call.ts';

function sides(events: readonly CallEvent[]): { caller: Int16Array; assistant: Int16Array } {
  const reading = reconstructCall(events)!;
  const samples = Math.round(reading.lengthMs * 8);
  const caller = new Int16Array(samples);
  const assistant = new Int16Array(samples);
  let at = 0;
  for (const block of layOutAudio(reading, events)) {
    caller.set(block.caller, at);
    assistant.set(block.assistant, at);
    at += block.caller.length;
  }
  expect(at).toBe(samples);
  return { caller, assistant };
}

/** Stretches in which something sounds, in milliseconds; pauses under 5 ms do not count. */
function sounding(pcm: Int16Array): [number, number][] {
  const found: [number, number][] = [];
  pcm.forEach((sample, i) => {
    if (Math.abs(sample) < 8) return;
    const last = found.at(-1);
    if (last && i - last[1] < 40) last[1] = i + 1;
    else found.push([i, i + 1]);
  });
  return found.map(([from, to]) => [Math.round(from / 8), Math.round(to / 8)]);
}

const tone = (ms = 20): Uint8Array => encodeMulaw(sine(1_000, ms, -15));

describe('the layout of a call', () => {
  it('places each side where it was heard, to the sample for the caller', () => {
    const call = new ToldCall().caller(0, 1_000).says(1_000, 1_000).caller(1_000, 2_000);
    call.caller(3_000, 700, 440).caller(3_700, 1_300).ends(5_000);
    const { caller, assistant } = sides(call.events);
    expect(sounding(caller)).toEqual([[3_000, 3_700]]);
    const [[from, to]] = sounding(assistant) as [[number, number]];
    expect(Math.abs(from - 1_000)).toBeLessThanOrEqual(20);
    expect(to - from).toBe(1_000);
  });

  it('omits what a barge-in cut off', () => {
    const call = new ToldCall().caller(0, 1_000).says(1_000, 5_000).caller(1_000, 1_500).clears(2_500);
    const { assistant } = sides(call.caller(2_500, 4_500).ends(7_000).events);
    const [[, to], ...more] = sounding(assistant) as [[number, number]];
    expect(Math.abs(to - 2_500)).toBeLessThanOrEqual(20);
    expect(more).toEqual([]);
  });

  it('places late and repeated frames at their own time', () => {
    const call = new ToldCall().caller(0, 500);
    call.frame(520, tone(), 540).frame(500, tone(), 541).frame(520, tone(), 542);
    call.caller(540, 500).frame(300, tone(), 1_050).caller(1_040, 460).ends(1_500);
    expect(sounding(sides(call.events).caller)).toEqual([
      [300, 320],
      [500, 540],
    ]);
  });

  it('keeps gaps at full length without keeping them in memory', () => {
    const hours = 3 * 3_600_000;
    const call = new ToldCall()
      .caller(0, 100, 440)
      .caller(hours, 100, 440)
      .ends(hours + 100);
    const reading = reconstructCall(call.events)!;
    expect(reading.figures).toMatchObject({ gapsMs: hours - 100, longestGapMs: hours - 100 });
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    let blocks = 0;
    let last: [number, number][] = [];
    for (const { caller } of layOutAudio(reading, call.events)) {
      blocks += 1;
      if (blocks % 1_000 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      last = sounding(caller);
    }
    expect(blocks).toBe(hours / 1_000 + 1);
    expect(last).toEqual([[0, 100]]);
    expect(most).toBeLessThan(8_000_000);
  });

  it('loses no audio of the caller while long speech is queued', () => {
    const call = new ToldCall().caller(0, 1_000).says(1_000, 100_000).caller(1_000, 60_000, 440);
    const { caller } = sides(call.caller(61_000, 44_000).ends(105_000).events);
    expect(sounding(caller)).toEqual([[1_000, 61_000]]);
  });

  it('places streams by their time of arrival', () => {
    const call = new ToldCall().caller(0, 1_000, 440);
    call.tell({ kind: 'stream-end', atMs: TOLD_AT_MS + 1_000, reason: 'closed' }).stream(3_000);
    call.caller(3_000, 1_000, 440, 0).ends(4_000);
    const { caller } = sides(call.events);
    expect(sounding(caller)).toEqual([
      [0, 1_000],
      [3_000, 4_000],
    ]);
  });

  it('is silent on a silent side', () => {
    const mute = new ToldCall().says(0, 1_000).caller(0, 2_000).ends(2_000);
    expect(sounding(sides(mute.events).caller)).toEqual([]);
    const alone = new ToldCall().caller(0, 2_000, 440).ends(2_000);
    expect(sounding(sides(alone.events).assistant)).toEqual([]);
    expect(sides(new ToldCall().ends(0).events).caller.length).toBe(0);
  });

  it('limits loud sides to full scale', () => {
    const loud = Int16Array.from([32_000, -32_000, 100]);
    expect([...mixMono(loud, loud)]).toEqual([32_767, -32_768, 200]);
  });
});

describe('a call whose journal breaks off', () => {
  const torn = (): ToldCall => new ToldCall().caller(0, 1_000).says(1_000, 10_000).caller(1_000, 2_000);

  it('ends with the last event of its line', () => {
    const reading = reconstructCall(torn().events)!;
    expect(reading.lengthMs).toBe(3_000);
    expect(reading.endReason).toBeUndefined();
    expect(Math.abs(reading.pieces[0]!.heardSamples / 8 - 2_000)).toBeLessThanOrEqual(40);
  });

  it('is not longer if it is found an hour later', () => {
    const call = torn().tell({ kind: 'end', atMs: TOLD_AT_MS + 3_600_000, reason: 'interrupted' });
    const reading = reconstructCall(call.events)!;
    expect(reading.lengthMs).toBe(3_000);
    expect(Math.abs(reading.pieces[0]!.heardSamples / 8 - 2_000)).toBeLessThanOrEqual(40);
  });

  it('has silence, and nothing heard, until its next stream', () => {
    const call = torn().stream(20_000).caller(20_000, 1_000, 440, 0).ends(21_000);
    const reading = reconstructCall(call.events)!;
    expect(reading.streams.map(({ startMs, lengthMs }) => [startMs, lengthMs])).toEqual([
      [0, 3_000],
      [20_000, 1_000],
    ]);
    expect(sounding(sides(call.events).caller)).toEqual([[20_000, 21_000]]);
    expect(sounding(sides(call.events).assistant).at(-1)![1]).toBeLessThanOrEqual(3_000);
  });

  it('is rejected if it does not start with a call', () => {
    expect(reconstructCall([])).toBeUndefined();
    expect(reconstructCall(torn().events.slice(1))).toBeUndefined();
  });
});
