import type { CallOutcome } from './call-entry.ts';
import type { ReconstructedCall } from './reconstructed-call.ts';

/** Ends that offhook caused unintentionally. */
const BROKEN_OFF = new Set(['internal error', 'interrupted']);

/** How a call went. */
export function callOutcome(call: ReconstructedCall): CallOutcome {
  if (BROKEN_OFF.has(call.endReason ?? 'interrupted')) return 'failed';
  const spoke = call.turns.some((turn) => turn.text !== '') || call.keys.length > 0;
  if (!spoke) return 'silent';
  const answered = call.pieces.some(
    (piece) => piece.heardSamples > 0 && (piece.role === 'reply' || piece.speaker === 'operator'),
  );
  return answered ? 'conversation' : 'message';
}
