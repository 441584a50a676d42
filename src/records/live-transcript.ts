import type { HeardPiece } from '../call/playback/playback.ts';
import type { CallEvent } from '../events/call-events.ts';
import type { CataloguedCall } from './call-entry.ts';
import { LiveTiming } from './live-timing.ts';
import { changePiece, type PieceStart } from './reconstruction/talk-fold.ts';
import { LookInterval } from './look-interval.ts';
import type { ReconstructedPiece, ReconstructedTurn } from './reconstructed-call.ts';
import { keyTurn, spokenTurn, type TranscriptTurn, utteranceTurn } from './text/transcript.ts';

/** A reply that has not changed for this long is final. */
const SETTLED_MS = 15_000;
/** Utterances without a text, and replies that are not final. Beyond that the oldest are not updated any more. */
const MOST_OPEN = 100;

/** The kinds of events that change a live transcript. */
export const LIVE_TRANSCRIPT_KINDS = [
  'ringing',
  'format',
  'end',
  'key',
  'utterance',
  'text',
  'no-text',
  'piece',
  'piece-words',
  'piece-complete',
  'unsaid',
  'stream',
  'sent',
  'answer',
  'stream-end',
] as const;

/** What has changed in a call since the last question. */
export interface LiveChanges {
  readonly call?: Omit<CataloguedCall, 'notes' | 'hold'> | undefined;
  readonly turns: readonly TranscriptTurn[];
}

/** A call that an earlier process began. */
export interface EarlierCall {
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  readonly startedAtMs: number;
  readonly format: CataloguedCall['format'];
  readonly keys: number;
}

interface OpenPiece extends PieceStart {
  heard: HeardPiece | undefined;
}

interface OpenReply {
  readonly pieces: OpenPiece[];
  unsaid?: string;
  sentJson?: string;
  readonly looks: LookInterval;
}

/** The catalogue entry of a live call. It takes events, returns changes and forgets what is final. */
export class LiveTranscript {
  readonly #heard: (piece: number, atMs: number) => HeardPiece | undefined;
  readonly #turns = new Map<number, ReconstructedTurn>();
  readonly #changed = new Set<number>();
  readonly #replies = new Map<number, OpenReply>();
  readonly #timing = new LiveTiming();
  #ready: TranscriptTurn[] = [];
  #keys: number;
  #call: LiveChanges['call'];
  #callChanged = false;

  /** `heard`: what was heard of a piece by `atMs`, in call time. */
  constructor(heard: (piece: number, atMs: number) => HeardPiece | undefined, before?: EarlierCall) {
    this.#heard = heard;
    this.#keys = before?.keys ?? 0;
    if (before) this.#begin(before, before.startedAtMs);
  }

  take(event: CallEvent): void {
    this.#takeCall(event);
    this.#takeCaller(event);
    this.#takeReplies(event);
    this.#timing.take(event);
  }

  /** Whether nothing changes before the next event. To be asked after `changes`. */
  isSettled(atMs: number): boolean {
    return this.#replies.size === 0 && this.#timing.isSettled(atMs);
  }

  changes(atMs: number): LiveChanges {
    this.#look(atMs);
    const turns = this.#ready;
    for (const id of this.#changed) turns.push(utteranceTurn(this.#turns.get(id)!));
    const timed = this.#timing.changed((piece) => this.#heard(piece, atMs), atMs);
    if (timed) turns.push(utteranceTurn(timed));
    this.#changed.clear();
    this.#ready = [];
    for (const [id, turn] of this.#turns)
      if (turn.text !== undefined || turn.transcriptUnavailable) this.#turns.delete(id);
    const call = this.#callChanged ? this.#call : undefined;
    this.#callChanged = false;
    return { ...(call && { call }), turns };
  }

  #takeCall(event: CallEvent): void {
    if (event.kind === 'ringing') this.#begin(event, event.atMs);
    if (!this.#call) return;
    if (event.kind === 'format') this.#change({ ...this.#call, format: event.format });
    if (event.kind === 'end') this.#change({ ...this.#call, state: 'finishing', endReason: event.reason });
  }

  #begin(
    { callSid, from, to, format }: Omit<EarlierCall, 'startedAtMs' | 'keys'>,
    startedAtMs: number,
  ): void {
    this.#change({ callSid, from, to, startedAtMs, state: 'live', format, keywords: [], files: [] });
  }

  #change(call: LiveChanges['call']): void {
    this.#call = call;
    this.#callChanged = true;
  }

  #takeCaller(event: CallEvent): void {
    if (event.kind === 'key') {
      this.#keys += 1;
      this.#ready.push(keyTurn(this.#keys, event.digit, event.callMs));
    } else if (event.kind === 'utterance') {
      const { turn, startMs, endMs, asked, operator } = event;
      this.#turns.set(turn, {
        turn,
        startMs,
        endMs,
        asked,
        ...(operator && { operator }),
        transcriptUnavailable: false,
      });
      this.#changed.add(turn);
      if (this.#turns.size > MOST_OPEN) this.#forgetTurn([...this.#turns.keys()][0]!);
    } else if (event.kind === 'text') this.#changeTurn(event.turn, { text: event.text });
    else if (event.kind === 'no-text' && event.final)
      this.#changeTurn(event.turn, { transcriptUnavailable: true });
  }

  #changeTurn(id: number, change: Partial<ReconstructedTurn>): void {
    const turn = this.#turns.get(id);
    if (!turn) return;
    this.#turns.set(id, { ...turn, ...change });
    this.#changed.add(id);
  }

  #forgetTurn(id: number): void {
    if (this.#changed.delete(id)) this.#ready.push(utteranceTurn(this.#turns.get(id)!));
    this.#turns.delete(id);
  }

  #takeReplies(event: CallEvent): void {
    switch (event.kind) {
      case 'piece':
        if (event.role !== 'tone' && event.role !== 'operator') this.#openReply(event);
        break;
      case 'piece-words':
      case 'piece-complete':
        for (const { pieces, looks } of this.#replies.values())
          for (const piece of pieces) {
            if (piece.event.piece !== event.piece) continue;
            changePiece(piece, event);
            looks.changed(event.atMs);
          }
        break;
      case 'sent':
        for (const { pieces, looks } of this.#replies.values())
          if (pieces.some((piece) => piece.event.piece === event.piece)) looks.changed(event.atMs);
        break;
      case 'unsaid': {
        const reply = this.#replies.get(event.reply);
        if (!reply) break;
        reply.unsaid = event.text;
        reply.looks.changed(event.atMs);
        break;
      }
      case 'stream-end':
        for (const { looks } of this.#replies.values()) looks.changed(event.atMs);
        this.#look(event.atMs);
        this.#replies.clear();
        break;
      default:
        break;
    }
  }

  #openReply(event: Extract<CallEvent, { kind: 'piece' }>): void {
    const reply = this.#replies.get(event.reply) ?? { pieces: [], looks: new LookInterval(event.atMs) };
    reply.looks.changed(event.atMs);
    reply.pieces.push({ event, complete: false, heard: undefined });
    this.#replies.set(event.reply, reply);
    if (this.#replies.size > MOST_OPEN) this.#replies.delete([...this.#replies.keys()][0]!);
  }

  /** Collects replies whose heard part has changed. */
  #look(atMs: number): void {
    for (const [id, reply] of this.#replies) {
      if (!reply.looks.looks(atMs)) continue;
      const turn = this.#turnOf(id, reply, atMs);
      const sentJson = JSON.stringify(turn);
      if (turn && sentJson !== reply.sentJson) {
        reply.sentJson = sentJson;
        reply.looks.changed(atMs);
        this.#ready.push(turn);
      } else if (reply.looks.quietMs(atMs) > SETTLED_MS && turn) this.#replies.delete(id);
    }
  }

  /** Undefined until something of the reply was heard. */
  #turnOf(id: number, reply: OpenReply, atMs: number): TranscriptTurn | undefined {
    const pieces: ReconstructedPiece[] = reply.pieces.map((piece) => {
      piece.heard = this.#heard(piece.event.piece, atMs) ?? piece.heard;
      const { complete, samples, anchors } = piece;
      const { piece: number, speaker, role, text, continues } = piece.event;
      const heard = piece.heard ?? { sentSamples: 0, heardSamples: 0, evidence: 'estimated' as const };
      const known = { samples, anchors, continues, complete };
      return { ...heard, piece: number, reply: id, speaker, role, text, ...known };
    });
    if (!pieces.some(({ heardSamples }) => heardSamples > 0)) return undefined;
    return spokenTurn(id, pieces, reply.unsaid, 0);
  }
}
