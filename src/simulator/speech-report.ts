import type { SpeechReport } from './call-report.ts';
import type { Playout } from './phone/playout-queue.ts';

/** Measures how the assistant reacted to one utterance of the caller. */
export function speechReport(
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  playout: Playout,
): SpeechReport {
  const playedUntilMs = playout.playedUntilMs(startMs);
  const answeredMs = playout.firstHeardMs(endMs);
  return {
    startMs,
    endMs,
    talkedOverMs: playedUntilMs !== undefined ? playedUntilMs - startMs : undefined,
    answeredAfterMs: answeredMs !== undefined ? answeredMs - endMs : undefined,
  };
}
