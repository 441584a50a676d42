import type { SpeechReport } from './call-report.ts';
import type { Playout } from './phone/playout-queue.ts';

/** How the assistant behaved around one thing that the caller said. */
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
