import { existsSync } from 'node:fs';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { reindex } from '../catalogue/reindex.ts';
import { createLog } from '../log.ts';
import { MicrophoneCatalogueSync, type RebuiltRecordings } from '../microphone/recordings/catalogue-sync.ts';
import { MicrophoneRecordings } from '../microphone/recordings/recording-folder.ts';
import type { Settings } from '../settings/settings.ts';
import { createDirectories } from './check-directories.ts';
import { printError, printLine, ProgressLine } from './terminal/console.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { withCallStorage } from './with-call-storage.ts';

/** Builds the catalogue from the files of the recordings directory. May run while a server is running. */
export async function reindexCalls(settings: Settings, prune: boolean, asJson: boolean): Promise<ExitCode> {
  createDirectories({ RECORDINGS_DIRECTORY: settings.recording.directory });
  const progress = new ProgressLine('calls indexed');
  const result = await withCallStorage(settings, async ({ storage, catalogue }) => ({
    ...(await reindex(storage.reindexing!, prune, (done, of) => progress.show(done, of))),
    recordings: await reindexRecordings(settings, catalogue, prune),
  })).finally(() => progress.end());
  const { recordings } = result;
  for (const callSid of result.failed) printError(`${callSid}: its .json could not be read or indexed`);
  for (const name of recordings.failed) printError(`${name}: the recording could not be read or indexed`);
  if (asJson) printLine(JSON.stringify(result));
  else {
    printLine(
      `${result.entered} calls indexed, ${result.removed} entries removed, ${result.failed.length} failed`,
    );
    printLine(
      `${recordings.entered} microphone recordings indexed, ${recordings.removed} entries removed, ${recordings.failed.length} failed`,
    );
  }
  return result.failed.length + recordings.failed.length === 0 ? EXIT.done : EXIT.inPart;
}

async function reindexRecordings(
  { recording, call, logLevel }: Settings,
  catalogue: Catalogue,
  prune: boolean,
): Promise<RebuiltRecordings> {
  if (!existsSync(recording.microphoneDirectory)) return { entered: 0, removed: 0, failed: [] };
  const log = createLog({ level: logLevel, destination: process.stderr });
  const unreadable: string[] = [];
  const folder = new MicrophoneRecordings(recording.microphoneDirectory, (name) => unreadable.push(name));
  const sync = new MicrophoneCatalogueSync({ folder, catalogue, language: call.talk.language, log });
  const rebuilt = await sync.rebuild(prune);
  return { ...rebuilt, failed: [...rebuilt.failed, ...unreadable] };
}

/** A private database holds no calls of other machines. */
export function isOwnDatabase({ databaseUrl }: Settings): boolean {
  return databaseUrl.startsWith('sqlite:');
}
