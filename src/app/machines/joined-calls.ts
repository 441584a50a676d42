import { renameSync } from 'node:fs';
import type { ReplicatedJournals } from '../../cluster/journals/replicated-journals.ts';
import { DiskError, isTransient } from '../../storage/failure-kind.ts';
import type { ProcessCalls } from '../processes/process-calls.ts';
import type { StorageMaintenance } from '../storage/storage-maintenance.ts';

/** The calls of this machine that began elsewhere: in a process of its directory that has ended, or at another machine. */
export class JoinedCalls {
  readonly #calls: Pick<ProcessCalls, 'registry' | 'storage'>;
  readonly #maintenance: Pick<StorageMaintenance, 'acquire' | 'adopt'>;
  readonly #journals: Pick<ReplicatedJournals, 'download' | 'has'>;

  constructor(
    calls: Pick<ProcessCalls, 'registry' | 'storage'>,
    maintenance: Pick<StorageMaintenance, 'acquire' | 'adopt'>,
    journals: Pick<ReplicatedJournals, 'download' | 'has'>,
  ) {
    this.#calls = calls;
    this.#maintenance = maintenance;
    this.#journals = journals;
  }

  /** Whether the call is live here, has ended here, or its journal is being read. */
  has(callSid: string): boolean {
    const { registry, storage } = this.#calls;
    return registry.has(callSid) || storage.status.isClaimed(callSid) || storage.isFinished(callSid);
  }

  /** Whether a part of the call was recorded here. A call that Twilio has only announced has no journal. */
  isRecorded(callSid: string): boolean {
    const known = this.#calls.registry.list().find(({ identity }) => identity.callSid === callSid);
    return known?.state !== 'ringing' && this.has(callSid);
  }

  /** Whether a part of the call is in Redis. Rejects if Redis fails. */
  isReplicated(callSid: string): Promise<boolean> {
    return this.#journals.has(callSid);
  }

  /** Whether the process with this id left its journal of the call in this directory. */
  hasJournal(callSid: string, owner: string | undefined): boolean {
    const { orphans } = this.#calls.storage;
    return orphans.of(callSid).some((journal) => journal.owner === owner);
  }

  /** As `CallRecovery.acquire`. */
  acquire(callSid: string): Promise<boolean> | undefined {
    return this.#maintenance.acquire(callSid);
  }

  /** Goes on with a call from its journal in Redis. `absent`: there is none. Rejects if Redis fails, and with a `DiskError` if the disk does. */
  async join(callSid: string): Promise<'joined' | 'absent'> {
    const { directories, lease } = this.#calls.storage;
    const to = directories.journalPath(callSid, lease.id);
    if ((await this.#journals.download(callSid, to)) === 'absent') return 'absent';
    try {
      await this.#maintenance.adopt(callSid);
    } catch (error) {
      if (!isTransient(error)) throw error;
      // The path must be free for another attempt, or for the journal of the call that begins anew.
      renameSync(to, directories.outdatedPath(to));
      throw new DiskError('a downloaded journal cannot be read', { cause: error });
    }
    return 'joined';
  }
}
