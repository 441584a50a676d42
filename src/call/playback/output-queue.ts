import { loudnessDbfs } from '../../audio/loudness.ts';
import { decodeMulaw, MULAW_SILENCE } from '../../audio/mulaw.ts';
import type { Journal, PieceRole } from '../../events/call-events.ts';
import type { Speaker } from '../../events/speaker.ts';
import type { Line } from '../ports.ts';
import type { Playback } from './playback.ts';

/** Twilio stutters on many tiny messages; one second is the most that is sent at once. Bytes are multiples of a 20 ms frame. */
const FRAME_BYTES = 160;
const LEAST_MESSAGE_BYTES = 480;
const MOST_MESSAGE_BYTES = 8_000;
/**
 * What starts on an empty queue starts with this much, where it comes in time: otherwise the network's jitter alone
 * would tear the first words apart, and no mark can tell such a gap to the millisecond.
 */
const HEAD_START_BYTES = 1_600;
const HEAD_START_WAIT_MS = 100;
/** Below this lead the queue may run empty, so a mark dates what is sent next. */
const LOW_LEAD_MS = 250;
const MARK_EVERY_SAMPLES = 8_000;
/** Audio that may wait here for one call: a minute. Whoever makes more has to wait. */
export const OUTPUT_QUEUE_BYTES = 480_000;
/** An echo can come back this long after the sound that caused it. */
const ECHO_TAIL_MS = 400;

/** Something to be said: one sentence, prompt or tone. */
export interface Piece {
  readonly piece: number;
  readonly reply: number;
  readonly speaker: Speaker;
  readonly text: string;
  readonly role: PieceRole;
}

interface Waiting {
  readonly piece: Piece;
  readonly chunks: Uint8Array[];
  bytes: number;
  complete: boolean;
  /** Made to its end, as far as is known. */
  whole: boolean;
  /** Since when something of it waits to be sent. */
  sinceMs: number;
}

/** Sends what is to be said, in order, never too far ahead of what is heard, with the marks that tell us what was heard. */
export class OutputQueue {
  readonly #line: Line;
  readonly #playback: Playback;
  readonly #journal: Journal;
  readonly #recorded: boolean;
  readonly #maxLeadMs: number;
  readonly #sent: ((speaker: Speaker, mulaw: Uint8Array, leadMs: number) => void) | undefined;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #marks = 0;
  #sinceMark = 0;
  #levelDbfs = -100;

  constructor(parts: {
    line: Line;
    playback: Playback;
    journal: Journal;
    recorded: boolean;
    maxLeadMs: number;
    /** Told of all that is sent, and in how many milliseconds it will be heard. */
    sent?: (speaker: Speaker, mulaw: Uint8Array, leadMs: number) => void;
  }) {
    this.#line = parts.line;
    this.#playback = parts.playback;
    this.#journal = parts.journal;
    this.#recorded = parts.recorded;
    this.#maxLeadMs = parts.maxLeadMs;
    this.#sent = parts.sent;
  }

  /** Nothing waits to be sent. */
  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  get full(): boolean {
    return this.#bytes >= OUTPUT_QUEUE_BYTES;
  }

  /** How loud our own voice is on the line just now. */
  ownDbfs(atMs: number): number {
    return this.#playback.leadMs(atMs) > -ECHO_TAIL_MS ? this.#levelDbfs : -100;
  }

  open(piece: Piece, atMs: number): void {
    this.#waiting.push({ piece, chunks: [], bytes: 0, complete: false, whole: true, sinceMs: atMs });
    this.#journal.append({ kind: 'piece', atMs, ...piece });
  }

  push(piece: number, mulaw: Uint8Array, atMs: number): void {
    const waiting = this.#waiting.find((one) => one.piece.piece === piece);
    if (!waiting || waiting.complete || mulaw.length === 0) return;
    if (waiting.bytes === 0) waiting.sinceMs = atMs;
    waiting.chunks.push(mulaw);
    waiting.bytes += mulaw.length;
    this.#bytes += mulaw.length;
    this.pump(atMs);
  }

  /** Nothing more will come of a piece; `whole`: because it is all there. */
  complete(piece: number, atMs: number, whole = true): void {
    const waiting = this.#waiting.find((one) => one.piece.piece === piece);
    if (!waiting) return;
    waiting.complete = true;
    waiting.whole = whole;
    this.pump(atMs);
  }

  /** Sends what may be sent now. */
  pump(atMs: number): void {
    for (let head = this.#waiting[0]; head; head = this.#waiting[0]) {
      while (this.#ready(head, atMs) && this.#playback.leadMs(atMs) < this.#maxLeadMs) this.#send(head, atMs);
      if (head.bytes > 0 || !head.complete) return;
      this.#waiting.shift();
      const { piece, text } = head.piece;
      if (head.whole) this.#journal.append({ kind: 'piece-complete', atMs, piece, text });
      this.#mark(atMs);
    }
  }

  /** Drops all that waits and all that was sent but not heard. */
  clear(atMs: number): void {
    this.#waiting = [];
    this.#bytes = 0;
    const fence = `f${(this.#marks += 1)}`;
    this.#line.clear();
    this.#line.sendMark(fence);
    this.#playback.cleared(fence, atMs);
    this.#journal.append({ kind: 'clear', atMs, fence });
  }

  #ready(waiting: Waiting, atMs: number): boolean {
    if (waiting.complete) return waiting.bytes > 0;
    // A piece's end is held back until it is known to be the end: the last message is worth one, and its mark leaves with it.
    const free = waiting.bytes - LEAST_MESSAGE_BYTES;
    if (free < LEAST_MESSAGE_BYTES) return false;
    const running = this.#playback.leadMs(atMs) > 0;
    return running || free >= HEAD_START_BYTES || atMs - waiting.sinceMs >= HEAD_START_WAIT_MS;
  }

  #send(waiting: Waiting, atMs: number): void {
    if (this.#playback.leadOnArrivalMs(atMs) < LOW_LEAD_MS || this.#sinceMark >= MARK_EVERY_SAMPLES)
      this.#mark(atMs);
    const mulaw = this.#take(waiting);
    const silent = this.#playback.leadMs(atMs) < -ECHO_TAIL_MS;
    this.#levelDbfs = Math.max(loudestFrame(mulaw), silent ? -100 : this.#levelDbfs);
    this.#line.sendAudio(mulaw);
    this.#sent?.(waiting.piece.speaker, mulaw, Math.max(0, this.#playback.leadMs(atMs)));
    this.#playback.sent(waiting.piece.piece, mulaw.length, atMs);
    this.#sinceMark += mulaw.length;
    const kept = this.#recorded ? mulaw : new Uint8Array(0);
    this.#journal.append({
      kind: 'sent',
      atMs,
      piece: waiting.piece.piece,
      samples: mulaw.length,
      mulaw: kept,
    });
  }

  /** The next message of a piece: whole frames, the very last one padded with silence. */
  #take(waiting: Waiting): Uint8Array {
    const last = waiting.complete && waiting.bytes <= MOST_MESSAGE_BYTES;
    const most = Math.min(MOST_MESSAGE_BYTES, waiting.bytes - LEAST_MESSAGE_BYTES);
    const take = last ? waiting.bytes : most - (most % FRAME_BYTES);
    const length = Math.max(LEAST_MESSAGE_BYTES, Math.ceil(take / FRAME_BYTES) * FRAME_BYTES);
    const message = new Uint8Array(length).fill(MULAW_SILENCE);
    let filled = 0;
    while (filled < take) {
      const chunk = waiting.chunks[0]!;
      const part = chunk.subarray(0, take - filled);
      message.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) waiting.chunks.shift();
      else waiting.chunks[0] = chunk.subarray(part.length);
    }
    waiting.bytes -= take;
    this.#bytes -= take;
    return message;
  }

  #mark(atMs: number): void {
    const name = `m${(this.#marks += 1)}`;
    this.#sinceMark = 0;
    this.#line.sendMark(name);
    this.#playback.markSent(name, atMs);
    this.#journal.append({ kind: 'mark-sent', atMs, name });
  }
}

/** Loudness of the loudest 20 ms, dBFS: what an echo of it would be like at its worst. */
function loudestFrame(mulaw: Uint8Array): number {
  const pcm = decodeMulaw(mulaw);
  let loudest = -100;
  for (let at = 0; at < pcm.length; at += FRAME_BYTES) {
    loudest = Math.max(loudest, loudnessDbfs(pcm.subarray(at, at + FRAME_BYTES)));
  }
  return loudest;
}
