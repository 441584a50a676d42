import type { JournalFollower } from '../../journal/journal-follower.ts';
import type { UploadPermit } from '../../object-store/upload-permit.ts';
import type { JobCounts } from '../../records/finalization/finalization-jobs.ts';
import type { CallToFinalize } from '../../records/finalization/finalizer-options.ts';
import type { JournalPermits } from '../../recovery/orphaned-journals.ts';
import type { ScheduledWork } from './scheduled-work.ts';
import type { SharedChanges } from '../machines/tasks/shared-changes.ts';

/** Which calls this machine has, where several machines are one system. */
export interface SharedCalls extends JournalPermits, UploadPermit {
  /** Copies the journals of its calls to where other machines read them. */
  readonly follower: JournalFollower;
  /** The id of this machine, by which its journals are named. */
  readonly machine: string;
  /** Erasures and annotations of calls whose files any machine has; undefined: those of this directory alone. */
  readonly changes?: SharedChanges | undefined;
  /** Which machine does what is done once for all; undefined: this one. */
  readonly work?: ScheduledWork | undefined;
  /** Finalization jobs of all machines. Undefined: there are none. */
  readonly jobs: JobCounts | undefined;
  /**
   * Whether this machine writes the files of a call that has ended. Resolves when that is known: while Redis does not answer, the call
   * stays in its journal.
   */
  mayFinish(callSid: string): Promise<boolean>;
  /**
   * Makes the call a job, which any process of the system executes. `here`: this process is to write the files at once, because only it can, or
   * the job could not be kept. `settled`: nothing is left to do here; the files are complete, or another process cares for them.
   */
  give(call: CallToFinalize): Promise<'here' | 'settled'>;
  /** The call is being erased: if it is a job, the job ends. Rejects if Redis does not answer. */
  abandon(callSid: string): Promise<void>;
  /** The call's files are complete, and in the object store if there is one. */
  isComplete(callSid: string): void;
}
