import type { CallHistory } from '../call/call-options.ts';
import type { ConversationTurn } from '../call/ports.ts';
import type { ReconstructedCall } from './reconstructed-call.ts';
import { type TranscriptTurn, transcriptOf } from './text/transcript.ts';

/** What the next process needs to resume a call. Undefined if the call has ended or never had a stream. */
export function callHistory(call: ReconstructedCall): CallHistory | undefined {
  if (call.zeroAtMs === undefined || call.endReason !== undefined) return undefined;
  const said: ConversationTurn[] = [];
  const turns = transcriptOf(call);
  for (const turn of turns) {
    if (turn.text) said.push({ speaker: turn.speaker, text: turn.cut ? `${turn.text} —` : turn.text });
  }
  return {
    said,
    turns: Math.max(0, ...call.turns.map((turn) => turn.turn)),
    replies: Math.max(0, ...call.pieces.map((piece) => piece.reply)),
    pieces: Math.max(0, ...call.pieces.map((piece) => piece.piece)),
    keys: call.keys.length,
    startedAtMs: call.startedAtMs,
    zeroAtMs: call.zeroAtMs,
    endMs: call.lengthMs,
    format: call.format,
    interruption: { moved: call.moved, lacksText: lacksText(turns.findLast(isHeard)) },
  };
}

/** Replies of which nothing was heard come last. */
function isHeard({ speaker, text }: TranscriptTurn): boolean {
  return speaker === 'caller' || text !== undefined;
}

function lacksText(turn: TranscriptTurn | undefined): boolean {
  return turn?.speaker === 'caller' && turn.kind === 'speech' && turn.text === undefined;
}
