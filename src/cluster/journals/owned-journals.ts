import type { FollowedJournal, JournalFollower, ReplicationFigures } from '../../journal/journal-follower.ts';
import type { JournalReplication } from './journal-replication.ts';

interface OpenJournal {
  readonly path: string;
  readonly offset: number;
  /** With which it is replicated. */
  fence: number | undefined;
}

/** Has the journals that this process writes replicated, each as soon as this machine has the call. */
export class OwnedJournals implements JournalFollower {
  readonly #replication: JournalReplication;
  readonly #fenceOf: (callSid: string) => number | undefined;
  readonly #journals = new Map<string, OpenJournal>();

  /** `fenceOf`: the fence of a call of this machine; undefined: the machine does not have it, or not yet. */
  constructor(replication: JournalReplication, fenceOf: (callSid: string) => number | undefined) {
    this.#replication = replication;
    this.#fenceOf = fenceOf;
  }

  get figures(): ReplicationFigures {
    return this.#replication.figures;
  }

  start(): Promise<void> {
    return this.#replication.start();
  }

  stop(): Promise<void> {
    return this.#replication.stop();
  }

  opened({ callSid, path }: FollowedJournal, offset: number): void {
    // A file that was closed for a while is the same journal.
    if (this.#journals.get(callSid)?.path !== path)
      this.#journals.set(callSid, { path, offset, fence: undefined });
  }

  wrote(): void {
    for (const [callSid, journal] of this.#journals) {
      const fence = this.#fenceOf(callSid);
      if (fence === undefined || fence === journal.fence) continue;
      journal.fence = fence;
      this.#replication.begins({ callSid, path: journal.path, fence, offset: journal.offset });
    }
    this.#replication.wrote();
  }

  closed(callSid: string): void {
    this.#journals.delete(callSid);
    this.#replication.ends(callSid);
  }
}
