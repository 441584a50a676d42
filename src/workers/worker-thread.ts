import { entryFromFiles } from '../catalogue/entry-from-files.ts';
import { readJournal, readJournalFrom } from '../journal/journal-reader.ts';
import { annotateCall, type Annotation, type LockedDirectories } from '../records/annotations.ts';
import type { CallFileSettings } from '../records/write-call-files.ts';
import { JournalJobs } from '../records/journal-jobs.ts';
import type { ReconstructedCall } from '../records/reconstructed-call.ts';
import type { LiveRecordingSettings } from '../records/recording/live-recording.ts';
import { LiveRecordings } from '../records/recording/live-recordings.ts';
import type { RecordingFile } from '../records/recording/recording-writer.ts';
import { createTombstone, type ErasureRequest } from '../records/tombstone.ts';
import { withFileLock } from '../storage/file-lock.ts';
import { errorRecord, type ErrorRecord } from './thread-error.ts';

/** A task for a thread of the pool. */
export type WorkerTask =
  | { readonly do: 'read'; readonly journal: string }
  | {
      readonly do: 'utterance';
      readonly journal: string;
      readonly call: ReconstructedCall;
      readonly turn: number;
    }
  | { readonly do: 'entry'; readonly directory: string; readonly callSid: string }
  | {
      readonly do: 'change';
      readonly folder: LockedDirectories;
      readonly callSid: string;
      readonly change: Annotation;
    }
  | { readonly do: 'create-tombstone'; readonly folder: LockedDirectories; readonly what: ErasureRequest }
  | {
      readonly do: 'write';
      readonly journal: string;
      readonly settings: CallFileSettings;
      readonly call: ReconstructedCall | undefined;
      readonly recording: RecordingFile | undefined;
    };

/** A task for the thread that encodes the recordings of live calls. */
export type LiveTask =
  | { readonly do: 'advance'; readonly journal: string; readonly settings: LiveRecordingSettings }
  | { readonly do: 'finish'; readonly journal: string; readonly call: ReconstructedCall }
  | { readonly do: 'discard'; readonly journal: string };

const work = new JournalJobs(readJournal, withFileLock);
const live = new LiveRecordings((journal) => (offset) => readJournalFrom(journal, offset));

/** The result of a task. A failure is data, because structured cloning of an error loses fields. */
export type TaskOutcome = { readonly value: unknown } | { readonly failure: ErrorRecord };

export default async function finishTask(task: WorkerTask | LiveTask): Promise<TaskOutcome> {
  try {
    return { value: await doTask(task) };
  } catch (error) {
    return { failure: errorRecord(error) };
  }
}

async function doTask(task: WorkerTask | LiveTask): Promise<unknown> {
  switch (task.do) {
    case 'read':
      return work.read(task.journal);
    case 'utterance':
      return work.utterance(task.journal, task.call, task.turn);
    case 'entry':
      return entryFromFiles(task.directory, task.callSid);
    case 'change':
      return withFileLock(task.folder.lock, () => annotateCall(task.folder, task.callSid, task.change));
    case 'create-tombstone':
      return withFileLock(task.folder.lock, () => createTombstone(task.folder, task.what));
    case 'write':
      return work.write(task.journal, task.settings, task.call, task.recording);
    case 'advance':
      return live.advance(task.journal, task.settings);
    case 'finish':
      return live.finish(task.journal, task.call);
    case 'discard':
      return live.discard(task.journal);
  }
}
