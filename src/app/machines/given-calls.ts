import type { CallClaim, CallClaims } from '../../cluster/calls/call-claims.ts';
import type { ReplicatedJournals } from '../../cluster/journals/replicated-journals.ts';
import type { JournalReplication } from '../../cluster/journals/journal-replication.ts';
import type { RedisOutage } from '../../cluster/redis-outage.ts';
import type { Clock } from '../../events/clock.ts';
import { componentLog, type Log } from '../../log.ts';
import type { FinalizationJobs } from '../../records/finalization/finalization-jobs.ts';
import type { CallToFinalize } from '../../records/finalization/finalizer-options.ts';
import { GivenCall } from './given-call.ts';
import { downloadTexts } from '../../object-store/download-texts.ts';
import type { CallStorage } from '../storage/call-storage.ts';

/** How often it is read what became of a job. */
const LOOK_EVERY_MS = 1_000;
/** The end of a journal is in Redis within this time, or the call stays here. */
const REPLICATED_WITHIN_MS = 5_000;
/** A job that has not begun after so many looks is added again: Redis may have lost it. */
const ADDED_AGAIN_AFTER = 30;
/** So many looks without a claim: Redis has lost it, and no process that executes the job has written it again. */
const LOST_AFTER = 15;
/** So many looks at a claim without a job that does not change: the process that had it is gone. */
const LEFT_AFTER = 600;
const RETRY_MS = 1_000;
/** So many failures in a row are one more line in the log. */
const REPORTED_EVERY = 60;

export interface GivenCallsOptions {
  /** The id of this machine. */
  readonly machine: string;
  readonly claims: CallClaims;
  readonly jobs: Pick<FinalizationJobs, 'add'>;
  readonly replication: Pick<JournalReplication, 'replicated'>;
  readonly journals: Pick<ReplicatedJournals, 'has'>;
  readonly outage: RedisOutage;
  readonly machines: { find(id: string): Promise<object | undefined> };
  readonly storage: CallStorage;
}

/** What becomes of the journal here. */
type Ending = 'here' | 'executed here' | 'done' | 'outdated' | 'erased' | 'stopping';

/**
 * Makes the calls that have ended here jobs, and keeps their journals until the jobs are done. A call stays here if only this machine has what its
 * files need (audio that is in no journal, or an encoded recording), or if Redis does not take its journal or job.
 */
export class GivenCalls {
  readonly #options: GivenCallsOptions;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #given = new Map<string, GivenCall>();
  readonly #closing = new AbortController();

  constructor(options: GivenCallsOptions) {
    this.#options = options;
    this.#log = componentLog(options.storage.options.log, 'finalizer');
    this.#clock = options.storage.options.clock;
  }

  /** A call of this machine that is a job. */
  of(callSid: string): GivenCall | undefined {
    return this.#given.get(callSid);
  }

  /** Whether the files of a call, which another process has stored, are here too. */
  hasTexts(callSid: string): boolean {
    return this.#given.get(callSid)?.broughtWith !== undefined;
  }

  async give(call: CallToFinalize): Promise<'here' | 'settled'> {
    const { callSid, journal } = call;
    if (!(await this.#isPossible(call))) return 'here';
    const given = new GivenCall(call);
    this.#given.set(callSid, given);
    let ending: Ending;
    try {
      ending = (await this.#offer(given)) ?? (await this.#ending(given));
    } finally {
      this.#given.delete(callSid);
    }
    if (ending === 'here') return 'here';
    if (ending === 'done' || ending === 'erased') await journal.close('removed');
    if (ending === 'outdated') await journal.close('outdated');
    if (ending === 'stopping') await journal.close('orphaned');
    return 'settled';
  }

  /** A call is being erased: its job ends, and its journal is removed. Rejects if Redis does not answer. */
  async abandon(callSid: string): Promise<void> {
    const given = this.#given.get(callSid);
    if (!given || given.isExecutedHere) return;
    const { claims } = this.#options;
    const claim = await claims.read(callSid);
    // The process that executes the job loses the call by this, and writes nothing more.
    if (claim && !claim.isDone && (await claims.take(callSid, claim)) === undefined)
      throw new Error('the job of the call has begun meanwhile');
    given.isErased = true;
    given.settled.abort();
  }

  /** This machine stops: no more calls become jobs. Resolves when those that are jobs are done, at most after `withinMs`; the others are executed elsewhere. */
  async close(withinMs: number): Promise<void> {
    const clock = this.#clock;
    this.#closing.abort();
    const untilMs = clock.now() + withinMs;
    while (this.#given.size > 0 && clock.now() < untilMs) await clock.sleep(LOOK_EVERY_MS / 10);
    for (const { settled } of this.#given.values()) settled.abort();
  }

  /** Waits for the texts that were requested during the call, and for the copy of its journal. */
  async #isPossible({ callSid, journal, call, untranscribed }: CallToFinalize): Promise<boolean> {
    const { storage, replication } = this.#options;
    const isOnlyHere = (): boolean => untranscribed.size > 0 || storage.encoding.isEncoded(journal.path);
    if (isOnlyHere() || this.#closing.signal.aborted) return false;
    if (call) {
      const arrived = new AbortController();
      const { signal: closing } = this.#closing;
      const { finishWaitMs } = storage.options.settings.limits;
      const waited = this.#clock.sleep(finishWaitMs, AbortSignal.any([closing, arrived.signal]));
      await Promise.race([call.allTextsArrived(), waited]);
      arrived.abort();
    }
    if (this.#closing.signal.aborted) return false;
    call?.giveUpTexts();
    if (isOnlyHere()) return false;
    try {
      await journal.written();
    } catch {
      return false;
    }
    return replication.replicated(callSid, REPLICATED_WITHIN_MS);
  }

  /** Undefined: it is a job. */
  async #offer({ call: { callSid } }: GivenCall): Promise<'here' | undefined> {
    const { claims, jobs, outage } = this.#options;
    try {
      const fence = await claims.offer(callSid);
      if (fence === undefined) return 'here';
      await jobs.add({ callSid, fence });
      // If Redis loses its data, this machine must not restore its older claim over that of the process that executes the job.
      claims.lost(callSid);
      this.#log.info({ callSid }, 'the files of a call are written by the process that is first');
      return undefined;
    } catch (error) {
      outage.failed(error);
      return this.#takeBack(callSid);
    }
  }

  /** The job may be there, although the answer of Redis did not arrive: it ends, unless a process has begun with it. */
  async #takeBack(callSid: string): Promise<'here' | undefined> {
    const { claims, machine } = this.#options;
    while (!this.#closing.signal.aborted) {
      try {
        const claim = await claims.read(callSid);
        if (claim && (claim.owner !== machine || claim.isDone)) return undefined;
        if ((await claims.take(callSid, claim)) !== undefined) return 'here';
      } catch {
        // Until Redis answers it is not known.
      }
      await this.#clock.sleep(RETRY_MS, this.#closing.signal);
    }
    return undefined;
  }

  async #ending(given: GivenCall): Promise<Ending> {
    const { claims } = this.#options;
    const { callSid } = given.call;
    const { signal: settled } = given.settled;
    let looks = 0;
    let last = '';
    for (;;) {
      await this.#clock.sleep(LOOK_EVERY_MS, settled);
      if (given.isErased) return 'erased';
      if (settled.aborted) return given.isExecutedHere ? 'executed here' : 'stopping';
      if (given.isExecutedHere) continue;
      try {
        const claim = await claims.read(callSid);
        if (given.isExecutedHere) continue;
        const seen = JSON.stringify(claim ?? null);
        looks = seen === last ? looks + 1 : 1;
        last = seen;
        const ending = await this.#judge(callSid, claim, looks);
        if (ending && ending !== 'done') return ending;
        await this.#bringTexts(given, claim, looks);
        if (ending) return ending;
      } catch (error) {
        // What became of the call is not known, and the journal is here.
        this.#log.debug({ callSid, err: error }, 'the job of a call could not be observed; will retry');
      }
    }
  }

  /** The machine that had a call keeps its texts, as if it had stored them: notes, holds and erasures find them there. Rejects if that fails. */
  async #bringTexts(given: GivenCall, claim: CallClaim | undefined, looks: number): Promise<void> {
    const { storage } = this.#options;
    const { store } = storage.options;
    const storedWith = claim?.isDone ? claim.fence : claim?.stored;
    if (!store || storedWith === undefined || storedWith === given.broughtWith) return;
    const { callSid } = given.call;
    let hasAnnotations: boolean;
    try {
      hasAnnotations = await downloadTexts(callSid, store, storage.directories);
    } catch (error) {
      if (looks === 1 || looks % REPORTED_EVERY === 0)
        this.#log.warn(
          { callSid, err: error },
          'the texts of a call, which another process has stored, could not be read; will retry',
        );
      throw error;
    }
    given.broughtWith = storedWith;
    if (hasAnnotations) storage.uploads?.upload(callSid);
    // After changes of the live call that this machine still had to enter.
    storage.index?.finished(callSid);
  }

  /** Undefined: it goes on. `looks`: how often the claim was seen as it is. */
  async #judge(callSid: string, claim: CallClaim | undefined, looks: number): Promise<Ending | undefined> {
    const { claims, jobs, journals, machine, machines } = this.#options;
    if (claim?.isDone) return 'done';
    if (claim?.job !== undefined) {
      if (claim.owner === machine && looks % ADDED_AGAIN_AFTER === 0)
        await jobs.add({ callSid, fence: claim.job });
      return undefined;
    }
    if (claim?.owner !== undefined && claim.owner !== machine) {
      const isThere = (await machines.find(claim.owner)) !== undefined;
      if (isThere && (await journals.has(callSid))) return 'outdated';
      // After Redis has lost its data, a process that executed the job has written its claim again, and has no journal to go on with.
      if (isThere && looks < LOST_AFTER) return undefined;
      // A process that writes its claim again after Redis has lost it.
      if (!isThere && looks < LEFT_AFTER) return undefined;
    }
    if (!claim && looks < LOST_AFTER) return undefined;
    return (await claims.take(callSid, claim)) === undefined ? undefined : 'here';
  }
}
