import { createServices } from '../app/services/create-services.ts';
import { StorageMaintenance } from '../app/storage/storage-maintenance.ts';
import type { FinalizerFailure, FinalizerSuccess } from '../records/finalization/finalizer-options.ts';
import type { Settings } from '../settings/settings.ts';
import { rootCause } from '../storage/failure-kind.ts';
import { createDirectories } from './check-directories.ts';
import { printLine } from './terminal/console.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { visitMachines } from './serve/visit-machines.ts';
import { withCallStorage } from './with-call-storage.ts';

/** Parallel requests: a call may have many utterances, and no caller waits for these texts. */
const TEXTS_WITHIN_MS = 300_000;

/**
 * Completes the unfinished work of earlier processes in the recordings directory. May run while a server is running.
 */
export async function finish(given: Settings): Promise<ExitCode> {
  createDirectories({ RECORDINGS_DIRECTORY: given.recording.directory });
  const services = createServices(given);
  const finishWaitMs = Math.max(TEXTS_WITHIN_MS, given.limits.finishWaitMs);
  const settings = { ...given, limits: { ...given.limits, finishWaitMs } };
  const visit = await visitMachines(settings);
  let calls = 0;
  const finishing = withCallStorage(
    settings,
    ({ storage }) => {
      printLine(`finishing calls in ${settings.recording.directory}`);
      storage.observe({
        finished: (news) => {
          calls += 1;
          printFinished(news);
        },
        failed: printFailed,
      });
      return new StorageMaintenance(storage).finishOrphanedCalls();
    },
    services,
    visit?.shared,
  );
  const { incomplete, unstored } = await finishing.finally(() => visit?.close());
  const isWhole = incomplete + unstored === 0;
  printLine(
    calls === 0 && isWhole ? 'nothing was left to do' : `${calls} calls finished, ${incomplete} not complete`,
  );
  if (incomplete > 0 && !services.transcriber)
    printLine('their speech can be transcribed after OPENAI_API_KEY or TRANSCRIPTION_BASE_URL is set');
  if (unstored > 0)
    printLine(`${unstored} calls are not in the store: ${settings.store?.url} does not take them`);
  return isWhole ? EXIT.done : EXIT.inPart;
}

function printFinished({ callSid, files, tookMs }: FinalizerSuccess): void {
  const { audio, pending, turns } = files.json;
  const missing = pending > 0 ? `, ${pending} without a text` : '';
  const took = `${Math.round(tookMs)} ms`;
  printLine(`${callSid}: ${audio?.file ?? 'no recording'}, ${turns.length} turns${missing}, ${took}`);
}

function printFailed({ kind, callSid, doing, error }: FinalizerFailure): void {
  if (kind === 'unwritten') printLine(`${callSid}: files could not be written: ${rootCause(error)}`);
  else printLine(`${callSid}: ${doing} failed: ${rootCause(error)}`);
}
