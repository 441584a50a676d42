import { existsSync } from 'node:fs';
import { readJournal } from '../journal/journal-reader.ts';
import { readCallRecord } from '../records/call-record.ts';
import { type CallCheck, verifyCall } from '../records/verification/verify-call.ts';
import type { Settings } from '../settings/settings.ts';
import { DataDirectory } from '../storage/data-directory.ts';
import { requireInstallation } from './check-directories.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { printError, printLine } from './terminal/console.ts';

/** Checks the files of a finished call: one line per check. Fails if a check fails. */
export async function verify(callSid: string, settings: Settings, asJson: boolean): Promise<ExitCode> {
  requireInstallation(settings);
  const checks = await checksOf(callSid, settings);
  if (checks === undefined) {
    printError(`There is no finished call ${callSid} in ${settings.recording.directory}.`);
    return EXIT.failed;
  }
  if (asJson) printLine(JSON.stringify(checks, null, 2));
  else for (const check of checks) printLine(checkLine(check));
  return checks.some(({ verdict }) => verdict === 'fail') ? EXIT.failed : EXIT.done;
}

/** Undefined if there is no such call. */
export async function checksOf(callSid: string, settings: Settings): Promise<CallCheck[] | undefined> {
  const { directory, mp3Engine } = settings.recording;
  const record = readCallRecord(directory, callSid);
  if (record === undefined) return undefined;
  const journal = new DataDirectory(directory).keptPath(callSid);
  const events = existsSync(journal) ? () => readJournal(journal) : undefined;
  return verifyCall({ directory, record, events, mp3Engine });
}

export function checkLine({ what, verdict, found }: CallCheck): string {
  return `${verdict.padEnd(13)}${what}: ${found}`;
}
