import { cutText, joinHeard, withCutMark } from '../../call/playback/heard-text.ts';
import type { Speaker } from '../../events/speaker.ts';
import type {
  ReconstructedCall,
  ReconstructedPiece,
  ReconstructedTurn,
  TurnTiming,
} from '../reconstructed-call.ts';

const NOT_YET = '[not yet transcribed]';
const NEVER = '[not transcribed]';

/** One speaker's turn as it was heard. Times are call milliseconds into the recording. */
export interface TranscriptTurn {
  /** Its name in the call, the same in the live transcript and in the files: `caller-3`, `keys-1`, `reply-5`. */
  readonly id: string;
  readonly speaker: Speaker;
  readonly kind: 'speech' | 'keys';
  readonly startMs: number;
  readonly endMs: number;
  /** What was heard; for the caller what was understood. Absent while that is not known. */
  readonly text?: string;
  /** What was written and never heard. */
  readonly unheard?: string;
  readonly cut: boolean;
  /** Only the caller's: waiting for its text, or never to get one. */
  readonly pending?: boolean;
  readonly turn?: number;
  /** Only the caller's: how the reply to it came about. */
  readonly timing?: TurnTiming | undefined;
  readonly evidence?: 'acked' | 'estimated';
  readonly bounds?: { readonly fromMs: number; readonly toMs: number };
}

/** The turns of a call in the order in which the speech began; replies of which nothing was heard come last. */
export function transcriptOf(call: ReconstructedCall): TranscriptTurn[] {
  const turns: TranscriptTurn[] = [
    ...call.turns.map(utteranceTurn),
    ...call.keys.map(({ atMs, digit }, index) => keyTurn(index + 1, digit, atMs)),
    ...spokenTurns(call),
  ];
  return turns.sort((a, b) => a.startMs - b.startMs);
}

/** The transcript's lines as they are written: `[00:05.160] Caller: I would like to ask about an invoice.` */
export function transcriptLines(turns: readonly TranscriptTurn[]): string[] {
  const lines: string[] = [];
  for (const turn of turns) {
    const words = textOfTurn(turn);
    if (words) lines.push(`[${clock(turn.startMs)}] ${NAMES[turn.speaker]}: ${words}`);
  }
  return lines;
}

const NAMES: Readonly<Record<Speaker, string>> = {
  caller: 'Caller',
  assistant: 'Assistant',
  operator: 'Operator',
};

export function speakerName(speaker: Speaker): string {
  return NAMES[speaker];
}

/** The text of a turn's line, without line breaks; empty if nothing of it was heard. */
export function textOfTurn(turn: TranscriptTurn): string {
  if (turn.text === undefined) return turn.pending ? NOT_YET : NEVER;
  const text = turn.text.replace(/\s+/gu, ' ').trim();
  return turn.cut ? withCutMark(text) : text;
}

/** Minutes, seconds and milliseconds; minutes count beyond an hour. */
function clock(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  const minutes = String(Math.floor(whole / 60_000)).padStart(2, '0');
  const seconds = String(Math.floor(whole / 1_000) % 60).padStart(2, '0');
  return `${minutes}:${seconds}.${String(whole % 1_000).padStart(3, '0')}`;
}

/** What the caller said, or an operator: words that come from a transcriber. */
export function utteranceTurn(turn: ReconstructedTurn): TranscriptTurn {
  const speaker = turn.operator ? 'operator' : 'caller';
  return {
    id: `${speaker}-${turn.turn}`,
    speaker,
    kind: 'speech',
    startMs: turn.startMs,
    endMs: turn.endMs,
    ...(turn.text !== undefined && { text: turn.text }),
    cut: false,
    pending: turn.text === undefined && !turn.transcriptUnavailable,
    turn: turn.turn,
    timing: turn.timing,
  };
}

/** `count`: the number of keys pressed so far, including this one. */
export function keyTurn(count: number, digit: string, atMs: number): TranscriptTurn {
  return {
    id: `keys-${count}`,
    speaker: 'caller',
    kind: 'keys',
    startMs: atMs,
    endMs: atMs,
    text: `[pressed ${digit}]`,
    cut: false,
  };
}

/** The pieces of one reply are one turn. Tones have no words; an operator's words are utterances. */
function spokenTurns(call: ReconstructedCall): TranscriptTurn[] {
  const replies = new Map<number, ReconstructedPiece[]>();
  for (const piece of call.pieces) {
    if (piece.role === 'tone' || piece.role === 'operator') continue;
    const pieces = replies.get(piece.reply);
    if (pieces) pieces.push(piece);
    else replies.set(piece.reply, [piece]);
  }
  return [...replies.entries()].map(([reply, pieces]) =>
    spokenTurn(reply, pieces, call.unsaid.get(reply), call.lengthMs),
  );
}

/** One reply of which pieces were sent. `elseMs`: its position if nothing of it was heard. */
export function spokenTurn(
  reply: number,
  pieces: readonly ReconstructedPiece[],
  unsaid: string | undefined,
  fallbackMs: number,
): TranscriptTurn {
  const cuts = pieces.map((piece) => {
    const total = piece.complete ? piece.sentSamples : piece.samples;
    const cut = cutText(piece.text, piece.heardSamples, total, piece.sentSamples, piece.anchors);
    return { piece: piece.piece, text: piece.text, continues: piece.continues, ...cut };
  });
  const { heard, unheard } = joinHeard([...cuts, { heard: '', unheard: unsaid ?? '' }]);
  // A model that speaks may not say its words.
  const isWordless = pieces.every(({ text, role }) => text === '' && role === 'reply');
  const first = pieces.find((piece) => piece.startMs !== undefined);
  const startMs = first?.startMs ?? fallbackMs;
  const endMs = pieces.findLast((piece) => piece.endMs !== undefined)?.endMs ?? startMs;
  return {
    id: `reply-${reply}`,
    speaker: pieces[0]!.speaker,
    kind: 'speech',
    startMs,
    endMs,
    ...(!isWordless && { text: heard }),
    ...(unheard !== '' && { unheard }),
    cut: (unsaid ?? '') !== '' || cuts.at(-1)?.unheard !== '',
    evidence: pieces.every((piece) => piece.evidence === 'acked') ? 'acked' : 'estimated',
    ...(first?.bounds && { bounds: first.bounds }),
  };
}
