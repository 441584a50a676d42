import type { Outcome } from '../catalogue/catalogue.ts';
import type { CallReading } from './reconstructed-call.ts';

/** Ends that were our doing and nobody's wish. */
const BROKEN_OFF = new Set(['internal error', 'interrupted']);

/** How a call went. */
export function outcomeOf(reading: CallReading): Outcome {
  if (BROKEN_OFF.has(reading.endReason ?? 'interrupted')) return 'failed';
  const spoke = reading.turns.some((turn) => turn.text !== '') || reading.keys.length > 0;
  if (!spoke) return 'silent';
  const answered = reading.pieces.some(
    (piece) => piece.heardSamples > 0 && (piece.role === 'reply' || piece.speaker === 'operator'),
  );
  return answered ? 'conversation' : 'message';
}
