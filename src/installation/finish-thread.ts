import { readEntry } from '../recording/catalogue-entry.ts';
import { CaseWork } from '../recording/case-worker.ts';
import type { CaseSettings } from '../recording/case-file.ts';
import { readJournal } from '../recording/journal-file.ts';

/** What a thread of the pool is asked to do. */
export type FinishTask =
  | { readonly do: 'state' | 'history'; readonly journal: string }
  | { readonly do: 'utterance'; readonly journal: string; readonly turn: number }
  | {
      readonly do: 'entry';
      readonly where: { readonly directory: string; readonly marks: string };
      readonly callSid: string;
    }
  | { readonly do: 'write'; readonly journal: string; readonly settings: CaseSettings };

const work = new CaseWork(readJournal);

export default async function finishTask(task: FinishTask): Promise<unknown> {
  switch (task.do) {
    case 'state':
      return work.state(task.journal);
    case 'history':
      return work.history(task.journal);
    case 'utterance':
      return work.utterance(task.journal, task.turn);
    case 'entry':
      return readEntry(task.where, task.callSid);
    case 'write':
      return work.write(task.journal, task.settings);
  }
}
