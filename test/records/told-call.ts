import type { AudioFormat } from '../../src/audio/formats/formats.ts';
import { encodeMulaw } from '../../src/audio/mulaw.ts';
import { sine } from '../../src/audio/tone.ts';
import type { CallEvent, PieceRole } from '../../src/events/call-events.ts';
import type { Speaker } from '../../src/events/speaker.ts';
import { USUAL } from '../call/rehearsed-call.ts';

export const TOLD_SID = 'CA0123456789abcdef0123456789abcdef';
/** 2026-07-13T10:28:37.000Z */
export const TOLD_AT_MS = 1_783_938_517_000;

/** A call told event by event, as its journal would have it: a line without any delay. Times are call milliseconds. */
export class ToldCall {
  readonly events: CallEvent[] = [];
  #pieces = 0;
  #marks = 0;

  constructor(options: { format?: AudioFormat; recorded?: boolean; from?: string; stream?: boolean } = {}) {
    const { format = 'wav', recorded = true, from = '+15550100', stream = true } = options;
    const identity = { callSid: TOLD_SID, from, to: '+15550199' };
    const what = { format, recorded, settings: USUAL, services: [] };
    this.events.push({ kind: 'ringing', atMs: TOLD_AT_MS, ...identity, ...what });
    if (stream) this.stream(0);
  }

  tell(event: CallEvent): this {
    this.events.push(event);
    return this;
  }

  stream(atMs: number, startMs = atMs): this {
    return this.tell({ kind: 'stream', atMs: TOLD_AT_MS + atMs, streamSid: `MZ${atMs}`, startMs });
  }

  /** The caller's side from `fromMs` on, 20 ms frames that arrive when they end; a tone, or silence. */
  caller(fromMs: number, ms: number, hz?: number, streamMs = fromMs): this {
    const mulaw = hz === undefined ? new Uint8Array(ms * 8).fill(0xff) : encodeMulaw(sine(hz, ms, -15));
    for (let at = 0; at < mulaw.length; at += 160)
      this.frame(streamMs + at / 8, mulaw.slice(at, at + 160), fromMs + at / 8 + 20);
    return this;
  }

  frame(streamMs: number, mulaw: Uint8Array, atMs: number): this {
    return this.tell({ kind: 'caller', atMs: TOLD_AT_MS + atMs, streamMs, samples: mulaw.length, mulaw });
  }

  /** A piece that is sent at once and begins to be heard at once; marks before and after it stay out. */
  says(
    atMs: number,
    ms: number,
    what: Partial<{
      text: string;
      reply: number;
      role: PieceRole;
      speaker: Speaker;
      hz: number;
      continues: number;
    }> = {},
  ): this {
    const piece = (this.#pieces += 1);
    const {
      text = `piece ${piece}`,
      reply = piece,
      role = 'reply',
      speaker = 'assistant',
      hz = 1_000,
      continues,
    } = what;
    const at = TOLD_AT_MS + atMs;
    const mulaw = encodeMulaw(sine(hz, ms, -15));
    this.tell({ kind: 'piece', atMs: at, piece, reply, speaker, text, role, continues });
    this.tell({ kind: 'mark-sent', atMs: at, name: `m${(this.#marks += 1)}` });
    for (let from = 0; from < mulaw.length; from += 8_000) {
      const part = mulaw.slice(from, from + 8_000);
      this.tell({ kind: 'sent', atMs: at, piece, samples: part.length, mulaw: part });
    }
    this.tell({ kind: 'mark-back', atMs: at, name: `m${this.#marks}` });
    return this.tell({ kind: 'piece-complete', atMs: at, piece, text });
  }

  clears(atMs: number): this {
    const fence = `f${(this.#marks += 1)}`;
    this.tell({ kind: 'clear', atMs: TOLD_AT_MS + atMs, fence });
    return this.tell({ kind: 'mark-back', atMs: TOLD_AT_MS + atMs, name: fence });
  }

  turn(turn: number, startMs: number, endMs: number, text?: string): this {
    this.tell({ kind: 'utterance', atMs: TOLD_AT_MS + endMs + 700, turn, startMs, endMs, asked: true });
    return text === undefined
      ? this
      : this.tell({ kind: 'text', atMs: TOLD_AT_MS + endMs + 900, turn, text });
  }

  ends(atMs: number, reason = 'stop'): this {
    this.tell({ kind: 'stream-end', atMs: TOLD_AT_MS + atMs, reason: 'stop' });
    return this.tell({ kind: 'end', atMs: TOLD_AT_MS + atMs, reason });
  }
}

/** A little of everything: greeting, question, answer that is cut, key, a text that has not come. */
export function usualCall(options: ConstructorParameters<typeof ToldCall>[0] = {}): ToldCall {
  const call = new ToldCall(options);
  call
    .caller(0, 420)
    .says(420, 2_000, { text: 'Thank you for calling. How can I help you?', role: 'greeting' });
  call.caller(420, 4_740).caller(5_160, 2_640, 440);
  call.turn(1, 5_160, 7_800, 'I would like to ask about an invoice.');
  call.caller(7_800, 1_300).says(9_100, 4_000, { text: 'one two three four five six seven eight' });
  call.caller(9_100, 1_900).clears(11_000).caller(11_000, 1_000, 700);
  call.turn(2, 11_000, 12_000).caller(12_000, 1_000);
  call.tell({ kind: 'key', atMs: TOLD_AT_MS + 13_000, callMs: 13_000, digit: '5' });
  return call.caller(13_000, 2_000).ends(15_000);
}
