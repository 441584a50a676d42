import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../../../src/events/call-events.ts';
import { layOutAudio } from '../../../src/records/recording/audio-timeline.ts';
import type { Block } from '../../../src/records/recording/block-table.ts';
import { SettledAudio } from '../../../src/records/recording/settled-audio.ts';
import { reconstructCall } from '../../../src/records/reconstruct-call.ts';
import { seededRandom } from '../../../src/simulator/seeded-random.ts';
import { randomHistory } from './random-history.ts';
import { StreamRehearsal } from '../../call/stream-rehearsal.ts';
import { ToldCall } from '../told-call.ts';

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 60);

/** Both sides of blocks as one array, so that two recordings can be compared. */
function joined(blocks: readonly Block[]): Buffer {
  const bytes = (pcm: Int16Array): Buffer => Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  return Buffer.concat(blocks.flatMap(({ caller, assistant }) => [bytes(caller), bytes(assistant)]));
}

const copied = ({ caller, assistant }: Block): Block => ({
  caller: caller.slice(),
  assistant: assistant.slice(),
});

/** Lays a call out as its journal grows, up to each of the cuts, and then the rest. */
function whileItLasts(events: readonly CallEvent[], cuts: readonly number[]) {
  let visible = 0;
  const audio = new SettledAudio(function* (offset) {
    for (let at = offset; at < visible; at += 1) yield { event: events[at]!, endsAt: at + 1 };
  });
  const blocks: Block[] = [];
  for (const cut of cuts) {
    visible = cut;
    audio.read(() => undefined);
    for (const block of audio.blocks()) blocks.push(copied(block));
  }
  const settled = blocks.length;
  visible = events.length;
  const rest = audio.rest(reconstructCall(events)!);
  for (const block of rest ?? []) blocks.push(copied(block));
  return { blocks, settled, isContinuation: rest !== undefined };
}

function afterwards(events: readonly CallEvent[]): Block[] {
  return [...layOutAudio(reconstructCall(events)!, events)].map(copied);
}

function cutsOf(length: number, random: () => number): number[] {
  return Array.from({ length: 12 }, () => Math.floor(random() * length)).sort((a, b) => a - b);
}

describe('the settled audio of a call', () => {
  it(
    'is the beginning of its recording, for any history',
    () => {
      let settled = 0;
      for (let seed = 0; seed < RUNS; seed += 1) {
        const random = seededRandom(seed);
        const events = randomHistory(random);
        const live = whileItLasts(events, cutsOf(events.length, random));
        expect({ seed, continues: live.isContinuation }).toEqual({ seed, continues: true });
        const same = joined(live.blocks).equals(joined(afterwards(events)));
        expect({ seed, same }).toEqual({ seed, same: true });
        settled += live.settled;
      }
      expect(settled).toBeGreaterThan(10 * RUNS);
    },
    RUNS * 1_000,
  );

  it('is half a minute behind a conversation over a network with jitter', () => {
    for (let seed = 1; seed <= 4; seed += 1) {
      const acts = Array.from({ length: 18 }, (_, turn) => [
        { atMs: 1_000 + turn * 10_000, do: 'say', ms: 4_000, chunkMs: 400, everyMs: 100 } as const,
        { atMs: 6_000 + turn * 10_000, do: 'hear', ms: 2_000 } as const,
        ...(turn % 3 === 1 ? [{ atMs: 3_000 + turn * 10_000, do: 'clear' } as const] : []),
      ]).flat();
      const network = {
        up: { fixedMs: 20, jitterMs: 40, seed },
        down: { fixedMs: 100, jitterMs: 60, seed: seed + 9 },
      };
      const { journal } = new StreamRehearsal({ ...network, acts, stopMs: 180_000 }, seed).run();
      const { events } = journal;
      const live = whileItLasts(events, [Math.floor(events.length / 2), events.length - 20]);
      expect(live.settled).toBeGreaterThan(130);
      expect(live.isContinuation).toBe(true);
      expect(joined(live.blocks).equals(joined(afterwards(events)))).toBe(true);
    }
  });

  it('waits for the place of a later stream, which its first half minute shows', () => {
    const call = new ToldCall().caller(0, 50_000, 440);
    call.tell({ kind: 'stream-end', atMs: call.events.at(-1)!.atMs, reason: 'closed' });
    call.stream(52_000).caller(52_000, 40_000, 700, 0).ends(92_000);
    const during = call.events.findIndex(
      ({ kind, atMs }) => kind === 'caller' && atMs > call.events[0]!.atMs + 75_000,
    );
    const live = whileItLasts(call.events, [during]);
    expect(live.settled).toBeLessThan(21);
    const later = whileItLasts(call.events, [call.events.length - 2]);
    expect(later.settled).toBeGreaterThan(55);
    for (const { blocks } of [live, later])
      expect(joined(blocks).equals(joined(afterwards(call.events)))).toBe(true);
  });
});
