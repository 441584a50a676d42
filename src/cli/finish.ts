import { rootCause } from '../recording/failure-kind.ts';
import { servicesOf } from '../services.ts';
import type { Settings } from '../settings.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { provideFolders } from './folders-at-hand.ts';
import { inOwnOffice } from './own-office.ts';
import { say } from './say.ts';

/** One call may hold many utterances, and nobody waits on a line for their texts. */
const TEXTS_WITHIN_MS = 300_000;

/** Does what earlier processes left undone in the recordings folder; a server may run meanwhile. */
export async function finish(given: Settings): Promise<ExitCode> {
  provideFolders({ RECORDINGS_DIRECTORY: given.recording.directory });
  const services = servicesOf(given);
  const finishWaitMs = Math.max(TEXTS_WITHIN_MS, given.limits.finishWaitMs);
  const settings = { ...given, limits: { ...given.limits, finishWaitMs } };
  let calls = 0;
  const finishing = inOwnOffice(
    settings,
    ({ office }) => {
      say(`finishing what was left in ${settings.recording.directory}`);
      return office.finishLeftBehind();
    },
    {
      services,
      finished: (news) => {
        if (news.kind === 'unwritten')
          return say(`${news.callSid}: files could not be written: ${rootCause(news.error)}`);
        if (news.kind !== 'finished')
          return say(`${news.callSid}: ${news.doing} failed: ${String(news.error)}`);
        calls += 1;
        const { audio, pending, turns } = news.files.json;
        const missing = pending > 0 ? `, ${pending} without a text` : '';
        const took = `${Math.round(news.tookMs)} ms`;
        say(`${news.callSid}: ${audio?.file ?? 'no recording'}, ${turns.length} turns${missing}, ${took}`);
      },
    },
  );
  const { incomplete, unstored } = await finishing;
  const isWhole = incomplete + unstored === 0;
  say(
    calls === 0 && isWhole ? 'nothing was left to do' : `${calls} calls finished, ${incomplete} not complete`,
  );
  if (incomplete > 0 && !services.transcriber)
    say('their words can be written down once OPENAI_API_KEY or TRANSCRIPTION_BASE_URL is set');
  if (unstored > 0) say(`${unstored} calls are not in the store: ${settings.store?.url} does not take them`);
  return isWhole ? EXIT.done : EXIT.inPart;
}
