import type { CallEvent, TextAnchor } from '../../events/call-events.ts';
import type { ReconstructedCall, ReconstructedTurn } from '../reconstructed-call.ts';

export interface PieceStart {
  event: Extract<CallEvent, { kind: 'piece' }>;
  complete: boolean;
  /** The length of all its audio, if it is known although not all of it was sent. */
  samples?: number | undefined;
  anchors?: readonly TextAnchor[] | undefined;
}

/** The words of a piece have arrived, or all of its audio was sent. */
export function changePiece(
  piece: PieceStart,
  event: Extract<CallEvent, { kind: 'piece-words' | 'piece-complete' }>,
): void {
  // The voice may have spoken other words than it was given.
  piece.event = { ...piece.event, text: event.text };
  if (event.kind === 'piece-complete') piece.complete = true;
  else [piece.samples, piece.anchors] = [event.samples, event.anchors];
}

/** What was said in a call: turns and their texts, keys, pieces of speech, the summary. */
export class TalkFold {
  readonly turns = new Map<number, ReconstructedTurn>();
  readonly keys: { atMs: number; digit: string }[] = [];
  readonly unsaid = new Map<number, string>();
  /** Replies that were being spoken when the queued audio was cleared. */
  readonly cut = new Set<number>();
  summary: ReconstructedCall['summary'];
  /** Of the current stream. */
  #pieces = new Map<number, PieceStart>();
  #turnsOfStream: number[] = [];
  #keysBeforeStream = 0;

  take(event: CallEvent): void {
    switch (event.kind) {
      case 'piece':
        this.#pieces.set(event.piece, { event, complete: false });
        break;
      case 'piece-words':
      case 'piece-complete': {
        const piece = this.#pieces.get(event.piece);
        if (piece) changePiece(piece, event);
        break;
      }
      case 'clear':
        this.#cutReply();
        break;
      case 'unsaid':
        this.unsaid.set(event.reply, event.text);
        break;
      case 'key':
        this.keys.push({ atMs: event.callMs, digit: event.digit });
        break;
      case 'summary':
        this.summary = { text: event.text, by: event.by };
        break;
      default:
        this.#takeTurn(event);
    }
  }

  /** Ends a stream: returns the pieces that were begun in it. */
  endStream(): PieceStart[] {
    const pieces = [...this.#pieces.values()];
    this.#pieces = new Map();
    return pieces;
  }

  /** Moves what was dated during the current stream. The next events belong to the next stream. */
  shift(laterMs: number): void {
    for (const id of this.#turnsOfStream) {
      const turn = this.turns.get(id)!;
      this.turns.set(id, { ...turn, startMs: turn.startMs + laterMs, endMs: turn.endMs + laterMs });
    }
    for (let i = this.#keysBeforeStream; i < this.keys.length; i += 1)
      this.keys[i] = { ...this.keys[i]!, atMs: this.keys[i]!.atMs + laterMs };
    this.#turnsOfStream = [];
    this.#keysBeforeStream = this.keys.length;
  }

  #takeTurn(event: CallEvent): void {
    if (event.kind === 'utterance') {
      const { turn, startMs, endMs, asked, operator } = event;
      this.turns.set(turn, { turn, startMs, endMs, asked, operator, transcriptUnavailable: false });
      this.#turnsOfStream.push(turn);
    } else if (event.kind === 'text') {
      const turn = this.turns.get(event.turn);
      if (turn) turn.text = event.text;
    } else if (event.kind === 'no-text' && event.final) {
      const turn = this.turns.get(event.turn);
      if (turn) turn.transcriptUnavailable = true;
    }
  }

  #cutReply(): void {
    const last = [...this.#pieces.values()].at(-1)?.event;
    if (last && last.role !== 'operator') this.cut.add(last.reply);
  }
}
