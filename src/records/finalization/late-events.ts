import type { CallEvent } from '../../events/call-events.ts';
import type { ReconstructedCall, ReconstructedTurn } from '../reconstructed-call.ts';

/** An event that finalization appends to the journal of an ended call. */
export type LateEvent = Extract<CallEvent, { kind: 'text' | 'no-text' | 'summary' }>;

/** Applies appended events to a reconstructed call. The result is the same as reconstructing it from the whole journal. */
export function withLateEvents(call: ReconstructedCall, events: readonly LateEvent[]): ReconstructedCall {
  let { summary } = call;
  const turns = new Map(call.turns.map((turn) => [turn.turn, turn]));
  for (const event of events) {
    if (event.kind === 'summary') {
      summary = { text: event.text, by: event.by };
      continue;
    }
    const turn = turns.get(event.turn);
    if (turn) turns.set(event.turn, changed(turn, event));
  }
  return { ...call, summary, turns: [...turns.values()] };
}

function changed(turn: ReconstructedTurn, event: Exclude<LateEvent, { kind: 'summary' }>): ReconstructedTurn {
  if (event.kind === 'text') return { ...turn, text: event.text };
  return event.final ? { ...turn, transcriptUnavailable: true } : turn;
}

/** The numbers of the turns that have no text and may still get one. */
export function missingTexts(call: ReconstructedCall): number[] {
  return call.turns
    .filter(({ text, transcriptUnavailable: isFinal }) => text === undefined && !isFinal)
    .map(({ turn }) => turn);
}
