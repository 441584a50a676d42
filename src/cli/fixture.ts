import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CallEvent } from '../events/call-events.ts';
import { readJournal } from '../journal/journal-reader.ts';
import type { Settings } from '../settings/settings.ts';
import { exportCall, NotReplayable } from '../simulator/fixtures/exported-call.ts';
import { writeFixture } from '../simulator/fixtures/fixture.ts';
import { DataDirectory } from '../storage/data-directory.ts';
import { createDirectory } from '../storage/directories.ts';
import { requireInstallation } from './check-directories.ts';
import { printError, printLine } from './terminal/console.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/**
 * Writes a call as a recorded call for `replay`: the wire messages in both directions and the answers of the services.
 * The call may be live; a finished one is available if KEEP_JOURNALS was true.
 */
export function writeCallFixture(callSid: string, out: string | undefined, settings: Settings): ExitCode {
  requireInstallation(settings);
  const journal = journalOf(settings.recording.directory, callSid);
  if (journal === undefined) {
    printError(
      `There is no journal of ${callSid}. Journals of finished calls are kept only with KEEP_JOURNALS=true.`,
    );
    return EXIT.failed;
  }
  const target = path.resolve(out ?? path.join('fixtures', 'calls', `${callSid}.jsonl`));
  try {
    const events: CallEvent[] = [];
    for (const event of readJournal(journal)) events.push(kept(event));
    createDirectory(path.dirname(target));
    writeFileSync(target, writeFixture(exportCall(events)));
  } catch (error) {
    if (!(error instanceof NotReplayable)) throw error;
    printError(`${callSid} cannot be exported: ${error.message}`);
    return EXIT.failed;
  }
  printLine(target);
  return EXIT.done;
}

/** The audio of an event is valid only until the next one is read. */
function kept(event: CallEvent): CallEvent {
  return event.kind === 'caller' || event.kind === 'sent' ? { ...event, mulaw: event.mulaw.slice() } : event;
}

function journalOf(directory: string, callSid: string): string | undefined {
  const directories = new DataDirectory(directory);
  const live = directories
    .activeJournals()
    .find((found) => found.callSid.toLowerCase() === callSid.toLowerCase());
  if (live) return live.path;
  return existsSync(directories.keptPath(callSid)) ? directories.keptPath(callSid) : undefined;
}
