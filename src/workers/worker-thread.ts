import { readEntry } from '../catalogue/entry-from-files.ts';
import { readJournal } from '../journal/journal-reader.ts';
import { type CaseChange, type CaseFolder, changeCase } from '../records/annotations.ts';
import type { CaseSettings } from '../records/call-record.ts';
import { CaseWork } from '../records/journal-jobs.ts';
import { condemnCase, type ToCondemn } from '../records/tombstone.ts';
import { alone } from '../storage/file-lock.ts';

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

export default async function finishTask(task: FinishTask): Promise<unknown> {
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
