import type { CallEvent } from '../../src/events/call-events.ts';
import { readSettings } from '../../src/settings/settings.ts';

export const CALL_SID = `CA${'0123456789abcdef'.repeat(2)}`;
const ZERO_MS = 1_790_000_000_000;

/** The first events of a call: ringing, and a stream. */
export function callBegins(callSid = CALL_SID, recorded = true): CallEvent[] {
  const read = readSettings({}, { dotEnv: {}, audioConfig: {} }, '.');
  if (!read.ok) throw new Error(read.errors.join('\n'));
  const { turns, talk, limits } = read.settings;
  const { maxLeadMs, maxCallMinutes } = limits;
  const settings = { turns, talk, maxLeadMs, maxCallMinutes };
  const people = { callSid, from: '+15550100', to: '+15550199' };
  return [
    { kind: 'ringing', atMs: ZERO_MS, ...people, format: 'wav', recorded, settings, services: [] },
    { kind: 'stream', atMs: ZERO_MS, streamSid: `MZ${'0'.repeat(32)}`, startMs: 0 },
  ];
}

/** The caller's frame number `index`, of a sound that tells it from its neighbours. */
export function callerFrame(index: number): CallEvent {
  const mulaw = new Uint8Array(160).fill(0x80 + (index % 100));
  return { kind: 'caller', atMs: ZERO_MS + 20 * (index + 1), streamMs: 20 * index, samples: 160, mulaw };
}

/** A turn of the caller between the frames. */
export function utterance(turn: number, startMs: number, endMs: number): CallEvent {
  return { kind: 'utterance', atMs: ZERO_MS + endMs + 700, turn, startMs, endMs, asked: false };
}

export function callEnds(atMs: number): CallEvent {
  return { kind: 'end', atMs: ZERO_MS + atMs, reason: 'completed' };
}
