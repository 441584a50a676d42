import type { EndedCall } from '../call/call-store.ts';
import type { Clock } from '../events/clock.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalFile } from '../storage/data-directory.ts';
import type { ClaimedCall, OrphanedJournals } from './orphaned-journals.ts';

/** Twilio waits 15 s for the answer of a webhook. A call whose journal cannot be read within this time is refused. */
const ACQUIRE_TIMEOUT_MS = 8_000;

/** Receives the recovered calls. */
export interface RecoveryTarget {
  /** The call had not ended: its caller may reconnect. */
  resume(call: Extract<ClaimedCall, { kind: 'open' }>): void;
  /** The call had ended. */
  finish(call: EndedCall<Journal>): void;
}

export interface CallRecoveryOptions {
  readonly orphans: Pick<OrphanedJournals, 'all' | 'of' | 'isHeld' | 'claim' | 'adopt'>;
  readonly target: RecoveryTarget;
  readonly clock: Clock;
}

/** Recovers the calls of crashed processes: all of them, or one that is about to start here. */
export class CallRecovery {
  readonly #options: CallRecoveryOptions;
  /** Recoveries in progress, by CallSid. */
  readonly #recovering = new Map<string, Promise<void>>();

  constructor(options: CallRecoveryOptions) {
    this.#options = options;
  }

  /** Recovers all calls. Calls that may continue are resumed before the files of ended calls are written. */
  async recoverAll(): Promise<void> {
    const { orphans, target } = this.#options;
    const ended: EndedCall<Journal>[] = [];
    for (const journal of await orphans.all()) await this.#recover(journal, (call) => ended.push(call));
    for (const call of ended) target.finish(call);
  }

  /**
   * Must be called before a call starts here. If a crashed process left a journal of the call, recovers the call first.
   * Resolves with false if a live process holds the call, or if recovery takes too long. Undefined if there is no journal
   * of another process: the usual case, which needs no wait.
   */
  acquire(callSid: string): Promise<boolean> | undefined {
    const found = this.#options.orphans.of(callSid);
    if (found.length === 0 && !this.#recovering.has(callSid)) return undefined;
    return this.#acquireInTime(callSid, found);
  }

  /** Goes on with a call whose journal was written to this process' own path for it. */
  async adopt(callSid: string): Promise<void> {
    const { orphans, target } = this.#options;
    const claimed = await orphans.adopt(callSid);
    if (claimed?.kind === 'open') target.resume(claimed);
    if (claimed?.kind === 'ended') target.finish(claimed.call);
  }

  async #acquireInTime(callSid: string, found: readonly JournalFile[]): Promise<boolean> {
    const acquired = new AbortController();
    const late = this.#options.clock.sleep(ACQUIRE_TIMEOUT_MS, acquired.signal).then(() => false);
    try {
      return await Promise.race([this.#acquire(callSid, found), late]);
    } finally {
      acquired.abort();
    }
  }

  async #acquire(callSid: string, found: readonly JournalFile[]): Promise<boolean> {
    const { orphans, target } = this.#options;
    await this.#recovering.get(callSid);
    for (const journal of found) {
      if (await orphans.isHeld(journal)) return false;
      await this.#recover(journal, (call) => target.finish(call));
    }
    return true;
  }

  /** Recovers one journal. Concurrent requests for the same call share the work. */
  #recover(journal: JournalFile, ended: (call: EndedCall<Journal>) => void): Promise<void> {
    const { callSid } = journal;
    const running = this.#recovering.get(callSid);
    if (running) return running;
    const work = this.#claim(journal, ended).finally(() => this.#recovering.delete(callSid));
    this.#recovering.set(callSid, work);
    return work;
  }

  async #claim(journal: JournalFile, ended: (call: EndedCall<Journal>) => void): Promise<void> {
    const { orphans, target } = this.#options;
    const claimed = await orphans.claim(journal);
    if (claimed?.kind === 'open') target.resume(claimed);
    if (claimed?.kind === 'ended') ended(claimed.call);
  }
}
