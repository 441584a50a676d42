import type { CallClaims } from '../../cluster/calls/call-claims.ts';
import type { JournalReplication } from '../../cluster/journals/journal-replication.ts';
import type { ReplicatedJournals } from '../../cluster/journals/replicated-journals.ts';
import type { MachineDirectory } from '../../cluster/machines/machine-directory.ts';
import type { MachineMessages } from '../../cluster/machines/machine-messages.ts';
import type { RedisTasks } from '../../cluster/tasks/redis-tasks.ts';
import type { RedisOutage } from '../../cluster/redis-outage.ts';
import type { WorkLeases } from '../../storage/work-lease.ts';
import type { JournalFollower } from '../../journal/journal-follower.ts';

/** What `cluster/` provides for calls of several machines. */
export interface MachineParts {
  readonly directory: MachineDirectory;
  readonly messages: MachineMessages;
  readonly claims: CallClaims;
  readonly journals: ReplicatedJournals;
  readonly replication: JournalReplication;
  readonly follower: JournalFollower;
  /** Erasures and holds for the directories of all machines, and which machine does a job. */
  readonly work: { readonly tasks: RedisTasks; readonly leases: WorkLeases };
  readonly outage: RedisOutage;
}
