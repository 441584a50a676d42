import { changeCase, type CaseChange, type CaseFolder } from '../recording/case-notes.ts';
import { readEntry } from '../recording/catalogue-entry.ts';
import { CaseWork } from '../recording/case-worker.ts';
import type { CaseSettings } from '../recording/case-file.ts';
import { condemnCase, type ToCondemn } from '../recording/condemned.ts';
import { readJournal } from '../recording/journal-file.ts';
import { alone } from './folder-lock.ts';
import { errorRecord, type ErrorRecord } from './thread-error.ts';

/** What a thread of the pool is asked to do. */
export type FinishTask =
  | { readonly do: 'state' | 'history'; readonly journal: string }
  | { readonly do: 'utterance'; readonly journal: string; readonly turn: number }
  | { readonly do: 'entry'; readonly directory: string; readonly callSid: string }
  | {
      readonly do: 'change';
      readonly folder: LockedFolder;
      readonly callSid: string;
      readonly change: CaseChange;
    }
  | { readonly do: 'condemn'; readonly folder: LockedFolder; readonly what: ToCondemn }
  | { readonly do: 'write'; readonly journal: string; readonly settings: CaseSettings };

/** Where the `.json` files of calls lie, and what is locked while one is changed. Absolute. */
export interface LockedFolder extends CaseFolder {
  readonly lock: string;
  readonly erasing: string;
}

const work = new CaseWork(readJournal, alone);

/** What came of a task. A failure is data, because errors do not cross threads whole. */
export type TaskOutcome = { readonly value: unknown } | { readonly failure: ErrorRecord };

export default async function finishTask(task: FinishTask): Promise<TaskOutcome> {
  try {
    return { value: await doTask(task) };
  } catch (error) {
    return { failure: errorRecord(error) };
  }
}

async function doTask(task: FinishTask): Promise<unknown> {
  switch (task.do) {
    case 'state':
      return work.state(task.journal);
    case 'history':
      return work.history(task.journal);
    case 'utterance':
      return work.utterance(task.journal, task.turn);
    case 'entry':
      return readEntry(task.directory, task.callSid);
    case 'change':
      return alone(task.folder.lock, () => changeCase(task.folder, task.callSid, task.change));
    case 'condemn':
      return alone(task.folder.lock, () => condemnCase(task.folder, task.what));
    case 'write':
      return work.write(task.journal, task.settings);
  }
}
