import { describe, expect, it } from 'vitest';
import { MULAW_SILENCE } from '../../../src/audio/telephone.ts';
import { OUTPUT_QUEUE_BYTES, OutputQueue } from '../../../src/call/playback/output-queue.ts';
import { Playback } from '../../../src/call/playback/playback.ts';
import { FakeLine } from '../../doubles/fake-line.ts';
import { MemoryJournal } from '../../doubles/memory-journal.ts';
import { traceableAudio } from '../../doubles/random-audio.ts';

const PIECE = { reply: 1, speaker: 'assistant', text: 'words', role: 'reply' } as const;

function outgoing(maxLeadMs = 10_000) {
  const line = new FakeLine();
  const journal = new MemoryJournal();
  const playback = new Playback(0);
  const outbox = new OutputQueue({ line, playback, journal, recorded: true, maxLeadMs });
  /** The caller's frames of these stream times arrive without delay. */
  const frames = (fromMs: number, toMs: number): void => {
    for (let ms = fromMs; ms <= toMs; ms += 20) {
      playback.frame(ms, 160, ms);
      outbox.pump(ms);
    }
  };
  return { line, journal, playback, outbox, frames };
}

describe('OutputQueue', () => {
  it('splits speech into messages of 480 to 8,000 bytes in whole frames, and pads only the end with silence', () => {
    for (const [bytes, chunk] of [
      [20_000, 20_000],
      [20_001, 333],
      [8_100, 8_100],
      [7_999, 160],
      [1_000, 7],
      [481, 1],
      [100, 50],
    ] as const) {
      const { line, outbox } = outgoing();
      const speech = traceableAudio(bytes, bytes);
      outbox.open({ piece: 1, ...PIECE }, 0);
      for (let at = 0; at < bytes; at += chunk) outbox.push(1, speech.subarray(at, at + chunk), at / 80);
      outbox.complete(1, bytes / 80);
      for (const audio of line.audio) {
        expect(audio.length).toBeGreaterThanOrEqual(480);
        expect(audio.length).toBeLessThanOrEqual(8_000);
        expect(audio.length % 160).toBe(0);
      }
      const sent = Buffer.concat(line.audio);
      expect(sent.subarray(0, bytes).equals(speech)).toBe(true);
      expect(sent.length - bytes).toBeLessThan(bytes < 480 ? 480 : 160);
      expect(sent.subarray(bytes).every((code) => code === MULAW_SILENCE)).toBe(true);
      expect(outbox.empty).toBe(true);
    }
  });

  it('sends a mark in the same write before a piece on an empty queue, and one after it', () => {
    const { line, outbox, frames } = outgoing();
    frames(0, 500);
    outbox.open({ piece: 1, ...PIECE }, 500);
    outbox.push(1, traceableAudio(24_000, 1), 500);
    outbox.complete(1, 500);
    const kinds = line.sent.map((one) => one.kind);
    expect(kinds.slice(0, 2)).toEqual(['mark', 'audio']);
    expect(kinds.slice(-2)).toEqual(['audio', 'mark']);
  });

  it('sends at most about two marks a second with a long lead', () => {
    const { line, outbox, frames } = outgoing(20_000);
    frames(0, 100);
    outbox.open({ piece: 1, ...PIECE }, 100);
    for (let at = 0; at < 150; at += 1) outbox.push(1, traceableAudio(800, at), 100 + at);
    outbox.complete(1, 250);
    const marks = line.sent.filter((one) => one.kind === 'mark').length;
    expect(line.sentBytes).toBe(120_000);
    // 15 s of speech, and the messages that leave before the lead has grown.
    expect(marks).toBeLessThanOrEqual(30 + 8);
    expect(marks).toBeGreaterThanOrEqual(15);
  });

  it('never exceeds the lead, and continues with frames only', () => {
    const { line, playback, outbox, frames } = outgoing(2_000);
    frames(0, 0);
    outbox.open({ piece: 1, ...PIECE }, 0);
    outbox.push(1, traceableAudio(80_000, 1), 0);
    outbox.complete(1, 0);
    for (let ms = 0; ms <= 9_000; ms += 20) {
      frames(ms, ms);
      expect(playback.leadMs(ms)).toBeLessThanOrEqual(2_000 + 1_000);
      expect(line.sentBytes / 8).toBeGreaterThanOrEqual(Math.min(10_000, ms + 1_000));
    }
    expect(line.sentBytes).toBe(80_000);
  });

  it('continues with returned marks if the caller sends no frames', () => {
    const { line, playback, outbox } = outgoing(2_000);
    outbox.open({ piece: 1, ...PIECE }, 0);
    outbox.push(1, traceableAudio(48_000, 1), 0);
    outbox.complete(1, 0);
    const before = line.sentBytes;
    expect(before).toBeLessThan(48_000);
    let atMs = 0;
    for (let given = 0; line.sentBytes < 48_000 && atMs < 10_000;) {
      atMs += 500;
      for (const name of line.marks.slice(given)) playback.markReturned(name, atMs);
      given = line.marks.length;
      outbox.pump(atMs);
    }
    expect(line.sentBytes).toBe(48_000);
    expect(atMs).toBeLessThan(6_000);
  });

  it('reports that it is full with a minute of queued audio, until some was sent', () => {
    const { outbox, frames } = outgoing(1_000);
    frames(0, 0);
    outbox.open({ piece: 1, ...PIECE }, 0);
    outbox.push(1, traceableAudio(OUTPUT_QUEUE_BYTES - 8_000, 1), 0);
    expect(outbox.full).toBe(false);
    outbox.push(1, traceableAudio(40_000, 2), 0);
    expect(outbox.full).toBe(true);
    frames(20, 8_000);
    expect(outbox.full).toBe(false);
  });

  it('clears with a fence in the same write and drops the queued audio', () => {
    const { line, journal, outbox, frames } = outgoing(1_000);
    frames(0, 100);
    outbox.open({ piece: 1, ...PIECE }, 100);
    outbox.push(1, traceableAudio(80_000, 1), 100);
    outbox.open({ piece: 2, ...PIECE }, 100);
    outbox.push(2, traceableAudio(8_000, 1), 100);
    const before = line.sentBytes;
    outbox.clear(300);
    expect(line.sent.slice(-2).map((one) => one.kind)).toEqual(['clear', 'mark']);
    expect(journal.of('clear')).toEqual([{ kind: 'clear', atMs: 300, fence: line.marks.at(-1) }]);
    expect(outbox.empty).toBe(true);
    frames(320, 4_000);
    outbox.push(1, traceableAudio(8_000, 1), 4_000);
    outbox.complete(1, 4_000);
    expect(line.sentBytes).toBe(before);
    expect(journal.of('piece-complete')).toEqual([]);
  });

  it('waits for a head start on an empty queue, at most a tenth of a second', () => {
    const { line, outbox, frames } = outgoing();
    frames(0, 500);
    outbox.open({ piece: 1, ...PIECE }, 500);
    outbox.push(1, traceableAudio(1_200, 1), 500);
    expect(line.sentBytes).toBe(0);
    frames(520, 580);
    expect(line.sentBytes).toBe(0);
    frames(600, 600);
    expect(line.sentBytes).toBeGreaterThanOrEqual(480);
  });

  it('starts at once if the voice needs no delay, as soon as there is a message', () => {
    const { line, outbox, frames } = outgoing();
    frames(0, 500);
    outbox.open({ piece: 1, ...PIECE }, 500, 0);
    outbox.push(1, traceableAudio(479, 1), 500);
    expect(line.sentBytes).toBe(0);
    outbox.push(1, traceableAudio(321, 2), 505);
    expect(line.sentBytes).toBe(800);
  });

  it.each([
    [70, 80],
    [5_000, 100],
  ])('waits %i ms for a voice that is not steady, at most 100 ms: %i', (playoutDelayMs, waitedMs) => {
    const { line, outbox, frames } = outgoing();
    frames(0, 500);
    outbox.open({ piece: 1, ...PIECE }, 500, playoutDelayMs);
    for (let ms = 500; ms <= 500 + waitedMs; ms += 20) {
      expect(line.sentBytes).toBe(0);
      outbox.push(1, traceableAudio(160, ms), ms);
      frames(ms, ms);
    }
    expect(line.sentBytes).toBeGreaterThanOrEqual(480);
  });

  it('sends audio that follows late as soon as it is there: a piece that has begun does not wait again', () => {
    const { line, outbox, frames } = outgoing();
    frames(0, 500);
    outbox.open({ piece: 1, ...PIECE }, 500, 100);
    outbox.push(1, traceableAudio(800, 1), 500);
    frames(520, 1_500);
    expect(line.sentBytes).toBe(800);
    outbox.push(1, traceableAudio(480, 2), 1_510);
    expect(line.sentBytes).toBe(1_280);
  });

  it('holds back the end of a long piece, so that a piece passed on as a whole has no silence in its last message', () => {
    const { line, outbox, frames } = outgoing();
    frames(0, 5_000);
    for (const bytes of [4_900, 9_700, 20_100]) {
      const before = line.sentBytes;
      outbox.open({ piece: bytes, ...PIECE }, 5_000);
      outbox.push(bytes, traceableAudio(bytes, bytes), 5_000);
      outbox.complete(bytes, 5_000);
      expect(line.sentBytes - before - bytes).toBeLessThan(160);
    }
  });

  it('does not write the delay of a voice to the journal', () => {
    const { journal, outbox } = outgoing();
    outbox.open({ piece: 1, ...PIECE }, 500, 100);
    expect(journal.of('piece')).toEqual([{ kind: 'piece', atMs: 500, piece: 1, ...PIECE }]);
  });

  it('records the audio in the journal, or only its length if recording is off', () => {
    for (const recorded of [true, false]) {
      const journal = new MemoryJournal();
      const parts = { line: new FakeLine(), playback: new Playback(0), journal, maxLeadMs: 10_000 };
      const outbox = new OutputQueue({ ...parts, recorded });
      outbox.open({ piece: 1, ...PIECE }, 0);
      outbox.push(1, traceableAudio(4_000, 1), 0);
      outbox.complete(1, 0);
      const sum = (lengths: number[]): number => lengths.reduce((all, length) => all + length, 0);
      expect(sum(journal.of('sent').map((event) => event.samples))).toBe(4_000);
      expect(sum(journal.of('sent').map((event) => event.mulaw.length))).toBe(recorded ? 4_000 : 0);
    }
  });

  it('knows the level of its own audio as long as an echo can return', () => {
    const { outbox, frames } = outgoing();
    frames(0, 100);
    expect(outbox.ownDbfs(100)).toBe(-100);
    outbox.open({ piece: 1, ...PIECE }, 100);
    outbox.push(1, traceableAudio(8_000, 1), 100);
    outbox.complete(1, 100);
    frames(120, 600);
    expect(outbox.ownDbfs(600)).toBeGreaterThan(-20);
    frames(620, 1_300);
    expect(outbox.ownDbfs(1_300)).toBeGreaterThan(-20);
    frames(1_320, 1_800);
    expect(outbox.ownDbfs(1_800)).toBe(-100);
  });
});
