import { dbfsOf } from '../../audio/loudness.ts';
import { mulawEnergy } from '../../audio/mulaw.ts';
import { FRAME_SAMPLES, MULAW_SILENCE, TELEPHONE_HZ } from '../../audio/telephone.ts';
import type { CallEventLog, PieceRole, PlaceInResponse } from '../../events/call-events.ts';
import type { Speaker } from '../../events/speaker.ts';
import type { Line } from '../ports.ts';
import { heldBack, LEAST_MESSAGE_BYTES, mayStart } from './output-hold.ts';
import type { Playback } from './playback.ts';

/** One message holds at most one second. Sizes are multiples of a 20 ms frame. */
const MOST_MESSAGE_BYTES = TELEPHONE_HZ;
/** Below this lead the media server's queue may run empty, so a mark dates the next message. */
const LOW_LEAD_MS = 250;
const MARK_EVERY_SAMPLES = TELEPHONE_HZ;
/** The queue's capacity per call: one minute. A producer waits while it is full. */
export const OUTPUT_QUEUE_BYTES = 480_000;
/** An echo may arrive this long after the audio that caused it. */
const ECHO_TAIL_MS = 400;

/** A unit of output: one sentence, prompt, tone or operator utterance. */
export interface Piece {
  readonly piece: number;
  readonly reply: number;
  readonly speaker: Speaker;
  readonly text: string;
  readonly role: PieceRole;
  /** The piece that this one continues. */
  readonly continues?: number | undefined;
  readonly spoken?: PlaceInResponse | undefined;
}

interface QueuedPiece {
  readonly piece: Piece;
  /** How long its audio is held back on an empty queue; undefined: its voice is not known. */
  readonly playoutDelayMs: number | undefined;
  readonly chunks: Uint8Array[];
  bytes: number;
  complete: boolean;
  /** False if the piece was broken off. */
  whole: boolean;
  /** Its words, if they are not its text. */
  spoken?: string | undefined;
  /** When its first audio was queued. */
  firstAtMs?: number;
}

/** Sends pieces to the line in order, at most `maxLeadMs` ahead of playback, with the marks that date what was heard. */
export class OutputQueue {
  readonly #line: Line;
  readonly #playback: Playback;
  readonly #journal: CallEventLog;
  readonly #recorded: boolean;
  readonly #maxLeadMs: number;
  readonly #sent: ((speaker: Speaker, mulaw: Uint8Array, leadMs: number) => void) | undefined;
  #queue: QueuedPiece[] = [];
  #bytes = 0;
  #marks = 0;
  #sinceMark = 0;
  #levelDbfs = -100;

  constructor(options: {
    line: Line;
    playback: Playback;
    journal: CallEventLog;
    recorded: boolean;
    maxLeadMs: number;
    /** Called with everything that is sent; `leadMs`: the time until it is heard. */
    sent?: ((speaker: Speaker, mulaw: Uint8Array, leadMs: number) => void) | undefined;
  }) {
    this.#line = options.line;
    this.#playback = options.playback;
    this.#journal = options.journal;
    this.#recorded = options.recorded;
    this.#maxLeadMs = options.maxLeadMs;
    this.#sent = options.sent;
  }

  /** True if nothing is queued. */
  get empty(): boolean {
    return this.#queue.length === 0;
  }

  get full(): boolean {
    return this.#bytes >= OUTPUT_QUEUE_BYTES;
  }

  /** The loudness of our own audio on the line now, in dBFS. */
  ownDbfs(atMs: number): number {
    return this.#playback.leadMs(atMs) > -ECHO_TAIL_MS ? this.#levelDbfs : -100;
  }

  /** `playoutDelayMs`: how long its audio is held back, so that it does not run out; undefined: unknown. */
  open(piece: Piece, atMs: number, playoutDelayMs?: number): void {
    this.#queue.push({ piece, playoutDelayMs, chunks: [], bytes: 0, complete: false, whole: true });
    this.#journal.append({ kind: 'piece', atMs, ...piece });
  }

  push(piece: number, mulaw: Uint8Array, atMs: number): void {
    const queued = this.#queue.find((one) => one.piece.piece === piece);
    if (!queued || queued.complete || mulaw.length === 0) return;
    queued.firstAtMs ??= atMs;
    queued.chunks.push(mulaw);
    queued.bytes += mulaw.length;
    this.#bytes += mulaw.length;
    this.pump(atMs);
  }

  /** Ends a piece whose audio is all there. `spoken`: its words, if they are not its text. */
  complete(piece: number, atMs: number, spoken?: string): void {
    this.#end(piece, { complete: true, spoken }, atMs);
  }

  /** Ends a piece that is not whole. */
  breakOff(piece: number, atMs: number): void {
    this.#end(piece, { complete: true, whole: false }, atMs);
  }

  /** Sends as much as the lead allows. */
  pump(atMs: number): void {
    for (let head = this.#queue[0]; head; head = this.#queue[0]) {
      while (this.#ready(head, atMs) && this.#playback.leadMs(atMs) < this.#maxLeadMs) this.#send(head, atMs);
      if (head.bytes > 0 || !head.complete) return;
      this.#queue.shift();
      const { piece, text } = head.piece;
      if (head.whole)
        this.#journal.append({ kind: 'piece-complete', atMs, piece, text: head.spoken ?? text });
      this.#mark(atMs);
    }
  }

  /** Drops everything queued here, and everything sent but not yet heard. */
  clear(atMs: number): void {
    this.#queue = [];
    this.#bytes = 0;
    const fence = `f${(this.#marks += 1)}`;
    this.#line.clear();
    this.#line.sendMark(fence);
    this.#playback.cleared(fence, atMs);
    this.#journal.append({ kind: 'clear', atMs, fence });
  }

  #end(piece: number, end: Partial<QueuedPiece>, atMs: number): void {
    const queued = this.#queue.find((one) => one.piece.piece === piece);
    if (!queued) return;
    Object.assign(queued, end);
    this.pump(atMs);
  }

  #ready(queued: QueuedPiece, atMs: number): boolean {
    if (queued.complete) return queued.bytes > 0;
    const held = heldBack(queued, this.#playback.leadOnArrivalMs(atMs));
    if (queued.bytes - held < LEAST_MESSAGE_BYTES) return false;
    return this.#playback.leadMs(atMs) > 0 || mayStart(queued, atMs);
  }

  #send(queued: QueuedPiece, atMs: number): void {
    const leadOnArrivalMs = this.#playback.leadOnArrivalMs(atMs);
    if (leadOnArrivalMs < LOW_LEAD_MS || this.#sinceMark >= MARK_EVERY_SAMPLES) this.#mark(atMs);
    const leadMs = this.#playback.leadMs(atMs);
    const mulaw = this.#take(queued, leadOnArrivalMs);
    const silent = leadMs < -ECHO_TAIL_MS;
    this.#levelDbfs = Math.max(loudestFrame(mulaw), silent ? -100 : this.#levelDbfs);
    this.#line.sendAudio(mulaw);
    this.#sent?.(queued.piece.speaker, mulaw, Math.max(0, leadMs));
    this.#playback.sent(queued.piece.piece, mulaw.length, atMs);
    this.#sinceMark += mulaw.length;
    const kept = this.#recorded ? mulaw : new Uint8Array(0);
    this.#journal.append({
      kind: 'sent',
      atMs,
      piece: queued.piece.piece,
      samples: mulaw.length,
      mulaw: kept,
    });
  }

  /** Takes the next message of a piece: whole frames; only the last frame of a piece is padded with silence. */
  #take(queued: QueuedPiece, leadOnArrivalMs: number): Uint8Array {
    const last = queued.complete && queued.bytes <= MOST_MESSAGE_BYTES;
    const held = queued.complete ? LEAST_MESSAGE_BYTES : heldBack(queued, leadOnArrivalMs);
    const most = Math.min(MOST_MESSAGE_BYTES, queued.bytes - held);
    const take = last ? queued.bytes : most - (most % FRAME_SAMPLES);
    const length = Math.max(LEAST_MESSAGE_BYTES, Math.ceil(take / FRAME_SAMPLES) * FRAME_SAMPLES);
    const message = new Uint8Array(length).fill(MULAW_SILENCE);
    let filled = 0;
    while (filled < take) {
      const chunk = queued.chunks[0]!;
      const part = chunk.subarray(0, take - filled);
      message.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) queued.chunks.shift();
      else queued.chunks[0] = chunk.subarray(part.length);
    }
    queued.bytes -= take;
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

/** The loudness of the loudest 20 ms, in dBFS: the worst case of its echo. */
function loudestFrame(mulaw: Uint8Array): number {
  let loudest = 0;
  // Messages are whole frames.
  for (let at = 0; at < mulaw.length; at += FRAME_SAMPLES)
    loudest = Math.max(loudest, mulawEnergy(mulaw, at, at + FRAME_SAMPLES));
  return dbfsOf(loudest, FRAME_SAMPLES);
}
