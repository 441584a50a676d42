import type { SpeechReport } from './call-report.ts';
import type { CallView } from './media-server.ts';

/** How the assistant behaved around one thing that the caller said. */
export function speechReport(
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  view: CallView,
): SpeechReport {
  const playedUntilMs = view.playedUntilMs(startMs);
  const answeredMs = view.firstHeardMs(endMs);
  return {
    startMs,
    endMs,
    ...(playedUntilMs !== undefined && { talkedOverMs: playedUntilMs - startMs }),
    ...(answeredMs !== undefined && { answeredAfterMs: answeredMs - endMs }),
  };
}
