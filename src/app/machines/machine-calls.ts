import type { CallClaim, CallClaims } from '../../cluster/calls/call-claims.ts';
import type { ReplicatedJournals } from '../../cluster/journals/replicated-journals.ts';
import type { Clock } from '../../events/clock.ts';
import type { JournalFollower } from '../../journal/journal-follower.ts';
import { componentLog, isProgrammingError, type Log } from '../../log.ts';
import type { UploadDecision } from '../../object-store/upload-permit.ts';
import type { JobCounts } from '../../records/finalization/finalization-jobs.ts';
import type { CallToFinalize } from '../../records/finalization/finalizer-options.ts';
import type { JournalPermit } from '../../recovery/orphaned-journals.ts';
import type { JournalFile } from '../../storage/data-directory.ts';
import type { ScheduledWork } from '../storage/scheduled-work.ts';
import type { SharedCalls } from '../storage/shared-calls.ts';
import type { SharedJobs } from './shared-jobs.ts';
import type { SharedChanges } from './tasks/shared-changes.ts';

const RETRY_MS = 1_000;
/** Redis is told for a day that a call is complete. */
const MOST_ATTEMPTS = 86_400;
/** After Redis has lost a claim, the machine that had taken the call last has written it again within this time. */
const RESTORED_WITHIN_MS = 3_000;

export interface MachineCallsOptions {
  readonly follower: JournalFollower;
  /** The id of this machine. */
  readonly machine: string;
  readonly claims: CallClaims;
  readonly journals: Pick<ReplicatedJournals, 'remove' | 'has'>;
  /** Whether another machine is alive. */
  readonly machines: { find(id: string): Promise<object | undefined> };
  /** Calls whose files this machine has completed. */
  readonly completed: { isFinished(callSid: string): Promise<boolean> };
  readonly clock: Clock;
  readonly log: Log;
}

/** Which ended calls this machine writes the files of. */
export class MachineCalls implements SharedCalls {
  readonly changes: SharedChanges | undefined;
  readonly work: ScheduledWork | undefined;
  readonly #options: MachineCallsOptions;
  readonly #log: Log;
  /** Complete calls of which Redis does not know that yet. */
  readonly #completing = new Set<string>();
  #jobs: SharedJobs | undefined;

  /** `shared`: absent for calls without files. */
  constructor(options: MachineCallsOptions, shared: Pick<SharedCalls, 'changes' | 'work'> = {}) {
    this.#options = options;
    this.changes = shared.changes;
    this.work = shared.work;
    this.#log = componentLog(options.log, 'machines');
  }

  get follower(): JournalFollower {
    return this.#options.follower;
  }

  get machine(): string {
    return this.#options.machine;
  }

  /** The files of calls that have ended are jobs from now on. */
  use(jobs: SharedJobs): void {
    this.#jobs = jobs;
  }

  get jobs(): JobCounts | undefined {
    return this.#jobs?.counts;
  }

  async give(call: CallToFinalize): Promise<'here' | 'settled'> {
    return this.#jobs?.give(call) ?? 'here';
  }

  async abandon(callSid: string): Promise<void> {
    await this.#jobs?.abandon(callSid);
  }

  async permit({ callSid, owner }: JournalFile): Promise<JournalPermit> {
    const { claims, completed } = this.#options;
    if (claims.fenceOf(callSid) !== undefined) return 'claim';
    try {
      const claim = await claims.read(callSid);
      // Texts that were missing, or a journal that was not removed before a crash.
      if (claim?.isDone) return (await completed.isFinished(callSid)) ? 'claim' : 'outdated';
      if (claim?.job !== undefined) {
        await this.#jobs?.add({ callSid, fence: claim.job });
        return 'later';
      }
      if (claim && (await this.#isTaken(claim, owner))) return 'outdated';
      return (await claims.take(callSid, claim)) === undefined ? 'later' : 'claim';
    } catch (error) {
      this.#log.warn(
        { callSid, err: error },
        'a journal waits: Redis does not say which machine has its call',
      );
      return 'later';
    }
  }

  async mayFinish(callSid: string): Promise<boolean> {
    for (let tried = 1; ; tried += 1) {
      let waitMs = RETRY_MS;
      try {
        const claim = await this.#confirm(callSid);
        if (claim !== 'restored') return claim === 'ours';
        waitMs = RESTORED_WITHIN_MS;
      } catch (error) {
        if (tried === 1)
          this.#log.error(
            { callSid, err: error },
            'the files of a call wait: without Redis it is not known whether another machine has the call',
          );
      }
      await this.#options.clock.sleep(waitMs);
    }
  }

  async mayUpload(callSid: string, wasStored: boolean): Promise<UploadDecision> {
    try {
      const decision = await this.#uploadDecision(callSid, wasStored);
      if (decision === 'taken')
        this.#log.warn({ callSid }, 'another machine has this call: its files here are not uploaded');
      return decision;
    } catch (error) {
      this.#log.warn(
        { callSid, err: error },
        'an upload waits: Redis does not say which machine has its call; will retry',
      );
      return 'later';
    }
  }

  isComplete(callSid: string): void {
    if (this.#jobs?.uploaded(callSid)) return;
    const fence = this.#options.claims.fenceOf(callSid);
    if (fence === undefined || this.#completing.has(callSid)) return;
    this.#completing.add(callSid);
    void this.#complete(callSid, fence).finally(() => this.#completing.delete(callSid));
  }

  /** Until Redis has it, another machine would take the call when this one ends, and write its files again. */
  async #complete(callSid: string, fence: number): Promise<void> {
    const { claims, journals, clock } = this.#options;
    for (let tried = 1; tried <= MOST_ATTEMPTS; tried += 1) {
      try {
        // The other way round, a call could lack both its journal and its end.
        await claims.done(callSid);
        await journals.remove(callSid, fence);
        return;
      } catch (error) {
        if (isProgrammingError(error)) {
          this.#log.error({ callSid, err: error }, 'Redis could not be told that a call is complete');
          return;
        }
        if (tried === 1)
          this.#log.warn(
            { callSid, err: error },
            'Redis does not know yet that a call is complete, and has its journal; will retry',
          );
      }
      await clock.sleep(RETRY_MS);
    }
    this.#log.error({ callSid }, 'Redis was not told within a day that a call is complete');
  }

  async #uploadDecision(callSid: string, wasStored: boolean): Promise<UploadDecision> {
    const { claims, machines } = this.#options;
    if (claims.fenceOf(callSid) !== undefined) return (await claims.isOurs(callSid)) ? 'upload' : 'taken';
    const claim = await claims.read(callSid);
    if (!claim) return 'upload';
    // Of complete calls there are notes and late texts to upload, at the machine that has stored them.
    if (claim.isDone) return wasStored ? 'upload' : 'taken';
    if (claim.job !== undefined) return 'later';
    // It may be this machine before its restart, or one that will have stored the call.
    if (claim.owner !== undefined && (await machines.find(claim.owner))) return 'later';
    return (await claims.take(callSid, claim)) === undefined ? 'later' : 'upload';
  }

  /** As `CallClaims.confirm`; a call that is not claimed yet is claimed. */
  async #confirm(callSid: string): Promise<'ours' | 'restored' | 'lost'> {
    const { claims, completed } = this.#options;
    if (claims.fenceOf(callSid) !== undefined) return claims.confirm(callSid);
    const claim = await claims.read(callSid);
    // Texts that were pending have arrived: the files were written here, or at another machine.
    if (claim?.isDone) return (await completed.isFinished(callSid)) ? 'ours' : 'lost';
    if (claim?.job !== undefined) return this.#jobs?.hasTexts(callSid) ? 'ours' : 'lost';
    if (await this.#isRecordedElsewhere(callSid, claim)) return 'lost';
    return (await claims.take(callSid, claim)) === undefined ? 'lost' : 'ours';
  }

  /** The owner may only have announced the call: while Redis did not answer, its stream came here. */
  async #isRecordedElsewhere(callSid: string, claim: CallClaim | undefined): Promise<boolean> {
    const { machines, journals } = this.#options;
    if (claim?.owner === undefined || !(await machines.find(claim.owner))) return false;
    return journals.has(callSid);
  }

  /** Whether another machine has taken a call whose journal was `owner`'s; undefined: that had released the journal. */
  async #isTaken(claim: CallClaim, owner: string | undefined): Promise<boolean> {
    if (claim.owner === undefined) return false;
    if (owner !== undefined) return claim.owner !== owner;
    return (await this.#options.machines.find(claim.owner)) !== undefined;
  }
}
