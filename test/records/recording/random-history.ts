import type { CallEvent } from '../../../src/events/call-events.ts';
import { USUAL } from '../../call/rehearsed-call.ts';
import { TOLD_AT_MS, TOLD_SID } from '../told-call.ts';

/** Longer than Twilio's, so that a history has few events. */
const FRAME_MS = 200;

/**
 * The events of a call on a line of any behaviour, in the order in which they happened: frames that are late, repeated or lost,
 * marks that return early, late, in any order or never, clears, stalls, several streams, an end or none.
 */
export function randomHistory(random: () => number): CallEvent[] {
  const identity = { callSid: TOLD_SID, from: '+15550100', to: '+15550199' };
  const what = { format: 'wav', recorded: true, settings: USUAL, services: [] } as const;
  const events: CallEvent[] = [{ kind: 'ringing', atMs: TOLD_AT_MS, ...identity, ...what }];
  const streams = 1 + Math.floor(random() * 3);
  let atMs = TOLD_AT_MS;
  for (let stream = 0; stream < streams; stream += 1) {
    const made = randomStream(random, atMs, stream);
    events.push(...made);
    atMs = made.at(-1)!.atMs + random() * 5_000;
  }
  if (random() < 0.8) events.push({ kind: 'end', atMs, reason: 'stop' });
  return events;
}

function randomStream(random: () => number, begunAtMs: number, index: number): CallEvent[] {
  const chance = (share: number): boolean => random() < share;
  const startMs = begunAtMs - TOLD_AT_MS;
  const lengthMs = 5_000 + random() * 110_000;
  const delayMs = random() * 200;
  const jitterMs = random() * 300;
  const losesMarks = chance(0.2);
  const made: CallEvent[] = [];
  let marks = 0;
  let piece = index * 1_000;
  const firstFrameMs = chance(0.2) ? random() * 40_000 : 0;
  for (let streamMs = firstFrameMs; streamMs < lengthMs; streamMs += FRAME_MS) {
    if (chance(0.01)) streamMs += random() * 8_000;
    const arrivesMs = begunAtMs + delayMs + streamMs + FRAME_MS + random() * jitterMs;
    made.push(frame(random, streamMs, arrivesMs));
    if (chance(0.02)) made.push(frame(random, Math.max(0, streamMs - random() * 45_000), arrivesMs));
  }
  const markBack = (name: string, sentAtMs: number, usuallyMs: number): void => {
    if (losesMarks && chance(0.3)) return;
    const takesMs = chance(0.1) ? random() * 15_000 : usuallyMs + random() * jitterMs;
    made.push({ kind: 'mark-back', atMs: sentAtMs + takesMs, name });
  };
  for (let at = random() * 3_000; at < lengthMs; at += random() * 9_000) {
    const atMs = begunAtMs + at;
    const messages = 1 + Math.floor(random() * 4);
    piece += 1;
    for (let message = 0; message < messages; message += 1) {
      const sentAtMs = atMs + message * random() * 300;
      const samples = 160 * (1 + Math.floor(random() * 100));
      if (chance(0.6)) {
        const name = `l${(marks += 1)}`;
        made.push({ kind: 'mark-sent', atMs: sentAtMs, name });
        markBack(name, sentAtMs, delayMs);
      }
      const mulaw = noise(random, samples);
      made.push({ kind: 'sent', atMs: sentAtMs, piece, samples, mulaw });
      if (chance(0.6)) {
        const name = `m${(marks += 1)}`;
        made.push({ kind: 'mark-sent', atMs: sentAtMs, name });
        markBack(name, sentAtMs, delayMs + samples / 8);
      }
    }
    if (!chance(0.3)) continue;
    const fence = `f${(marks += 1)}`;
    const clearedAtMs = atMs + random() * 4_000;
    made.push({ kind: 'clear', atMs: clearedAtMs, fence });
    markBack(fence, clearedAtMs, delayMs);
  }
  const endsAtMs = begunAtMs + delayMs + lengthMs + random() * 400;
  // A stable sort: what happens at one time keeps its order.
  const happened = made.filter(({ atMs }) => atMs <= endsAtMs).sort((a, b) => a.atMs - b.atMs);
  const begun: CallEvent = { kind: 'stream', atMs: begunAtMs, streamSid: `MZ${index}`, startMs };
  const end: CallEvent[] = chance(0.8) ? [{ kind: 'stream-end', atMs: endsAtMs, reason: 'closed' }] : [];
  return [begun, ...happened, ...end];
}

function frame(random: () => number, streamMs: number, atMs: number): CallEvent {
  const mulaw = noise(random, FRAME_MS * 8);
  return { kind: 'caller', atMs, streamMs: Math.round(streamMs), samples: mulaw.length, mulaw };
}

/** Audio that is nowhere twice. */
function noise(random: () => number, samples: number): Uint8Array {
  const mulaw = new Uint8Array(samples);
  let state = Math.floor(random() * 2 ** 31);
  for (let at = 0; at < samples; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    mulaw[at] = state >> 16;
  }
  return mulaw;
}
