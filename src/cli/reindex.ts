import { reindex } from '../catalogue/reindex.ts';
import type { Settings } from '../settings/settings.ts';
import { createDirectories } from './check-directories.ts';
import { printError, printLine, ProgressLine } from './terminal/console.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { withCallStorage } from './with-call-storage.ts';

/** Builds the catalogue from the files of the recordings directory. May run while a server is running. */
export async function reindexCalls(settings: Settings, prune: boolean, asJson: boolean): Promise<ExitCode> {
  createDirectories({ RECORDINGS_DIRECTORY: settings.recording.directory });
  const progress = new ProgressLine('calls indexed');
  const result = await withCallStorage(settings, ({ storage }) =>
    reindex(storage.reindexing!, prune, (done, of) => progress.show(done, of)),
  ).finally(() => progress.end());
  for (const callSid of result.failed) printError(`${callSid}: its .json could not be read or indexed`);
  if (asJson) printLine(JSON.stringify(result));
  else
    printLine(
      `${result.entered} calls indexed, ${result.removed} entries removed, ${result.failed.length} failed`,
    );
  return result.failed.length === 0 ? EXIT.done : EXIT.inPart;
}

/** A private database holds no calls of other machines. */
export function isOwnDatabase({ databaseUrl }: Settings): boolean {
  return databaseUrl.startsWith('sqlite:');
}
