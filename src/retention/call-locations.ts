import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { AUDIO_FORMATS } from '../audio/formats/formats.ts';
import { recordingName } from '../records/recording/render-recording.ts';
import type { DataDirectory, JournalFile } from '../storage/data-directory.ts';
import { syncDirectory } from '../storage/durable-file.ts';
import { callRecordName, tombstoneName } from '../storage/file-names.ts';

/** Every place in the data directory that may hold a file of a call. */
export class CallLocations {
  readonly #folders: DataDirectory;

  constructor(directories: DataDirectory) {
    this.#folders = directories;
  }

  /** Journals of the call that a process holds. */
  activeJournals(callSid: string): JournalFile[] {
    return this.#folders.activeJournals(callSid);
  }

  /** Whether anything of the call exists. */
  hasAny(callSid: string): boolean {
    return this.#paths(callSid).some((file) => existsSync(file));
  }

  /** Names of the call's files in the recordings directory. */
  existingFiles(callSid: string): string[] {
    return fileNames(callSid).filter((name) => existsSync(path.join(this.#folders.recordings, name)));
  }

  /** Of these names in the recordings directory, those that no longer exist. */
  missingOf(names: readonly string[]): string[] {
    return names.filter((name) => !existsSync(path.join(this.#folders.recordings, name)));
  }

  /** Removes every file of the call. Returns their paths, relative to the recordings directory. */
  removeAll(callSid: string): string[] {
    const { recordings, journals, kept, pending } = this.#folders;
    const found = this.#paths(callSid).filter((file) => statSync(file, { throwIfNoEntry: false }));
    for (const file of found) rmSync(file, { force: true });
    const folders = new Set([
      recordings,
      journals,
      kept,
      pending,
      ...found.map((file) => path.dirname(file)),
    ]);
    for (const folder of folders) syncDirectory(folder);
    return found.map((file) => path.relative(recordings, file));
  }

  #paths(callSid: string): string[] {
    const { recordings, temporary, pendingIndex, unwritten } = this.#folders;
    // Another process may be writing the tombstone.
    const unfinished = readdirSync(temporary).filter(
      (name) => name.includes(callSid) && !name.startsWith(tombstoneName(callSid)),
    );
    return [
      ...fileNames(callSid).map((name) => path.join(recordings, name)),
      ...this.activeJournals(callSid).map((found) => found.path),
      ...this.#folders.outdatedJournals(callSid),
      this.#folders.keptPath(callSid),
      this.#folders.pendingPath(callSid),
      path.join(pendingIndex, callSid),
      unwritten.pathOf(callSid),
      ...unfinished.map((name) => path.join(temporary, name)),
    ];
  }
}

function fileNames(callSid: string): string[] {
  const texts = ['.txt', '_summary.txt'].map((end) => `call_${callSid}${end}`);
  const recordings = AUDIO_FORMATS.map((format) => recordingName(callSid, format));
  return [...texts, ...recordings, callRecordName(callSid)];
}
