import type { CallClaims } from '../../cluster/calls/call-claims.ts';
import type { LiveCall } from '../../call/call-registry-options.ts';
import type { RedisOutage } from '../../cluster/redis-outage.ts';
import { componentLog, isProgrammingError, type Log } from '../../log.ts';
import { DiskError } from '../../storage/failure-kind.ts';
import type { CallOwnership, CallRequest } from '../../telephony/call-streams.ts';
import type { CallHandOver } from './call-hand-over.ts';
import type { JoinedCalls } from './joined-calls.ts';
import type { Machines } from './machines.ts';

export interface ClusterOwnershipOptions {
  readonly claims: CallClaims;
  readonly machines: Pick<Machines, 'find'>;
  /** Calls here: journals of processes that have ended, and calls that other machines had. */
  readonly local: JoinedCalls;
  /** Lets go of what this machine has of a call that another one has taken. */
  readonly handOver: Pick<CallHandOver, 'lost'>;
  /** Of what Redis knows about calls. */
  readonly outage: RedisOutage;
  readonly log: Log;
}

/** Why a call is to come here: a request of Twilio's, the loss of the machine that had it, or another attempt after one of these. */
type Wish = CallRequest | 'again' | { readonly from: string };

/** Whether a call is here now, and whether anything of it was left. */
type Acquired = 'here' | 'elsewhere' | 'unrecorded';

/**
 * Decides which machine has a call. The one that Twilio asks gets it: from a machine that releases it, because it has no open stream of
 * the call, or from one that is gone. If Redis does not answer, this machine decides as if it were alone.
 */
export class ClusterOwnership implements CallOwnership {
  readonly #options: ClusterOwnershipOptions;
  readonly #log: Log;
  readonly #acquiring = new Map<string, Promise<Acquired>>();
  /** Calls that had been answered elsewhere and of which nothing is left. */
  readonly #unrecorded = new Set<string>();
  /** Calls whose journals could not be written to the disk, and for which no caller waits. They are joined again at the next beat. */
  readonly #unjoined = new Set<string>();
  /** Calls that were not here at the last beat. */
  #unused: ReadonlySet<string> = new Set();

  constructor(options: ClusterOwnershipOptions) {
    this.#options = options;
    this.#log = componentLog(options.log, 'machines');
  }

  acquire(callSid: string, request: CallRequest): Promise<boolean> | undefined {
    const { claims, local, outage } = this.#options;
    const isHeld = claims.fenceOf(callSid) !== undefined && !this.#acquiring.has(callSid);
    // The claim is checked again before files are written. While Redis is known to fail, a request does not wait for it.
    if (isHeld && (request === 'completed' || outage.problem !== undefined)) return local.acquire(callSid);
    return this.#once(callSid, request).then((acquired) => acquired !== 'elsewhere');
  }

  beginsAnew(callSid: string): boolean {
    return this.#unrecorded.delete(callSid);
  }

  /** A machine is gone that had the call: this one takes it, unless another one is first. Rejects if Redis does not answer. */
  async inherit(callSid: string, from: string): Promise<boolean> {
    const { claims } = this.#options;
    const claim = await claims.read(callSid);
    if (claim?.owner !== from || claim.isDone) {
      await claims.strike(from, callSid);
      return false;
    }
    return (await this.#once(callSid, { from })) === 'here';
  }

  /**
   * Takes a call that came here while Redis did not answer. `elsewhere`: it has no stream here, and another machine has recorded a part of
   * it. A call that was only announced here is not taken: its stream may have come to another machine. Rejects if Redis does not answer.
   */
  async claimLate(callSid: string, state: LiveCall['state']): Promise<'elsewhere' | undefined> {
    const { claims, machines, local } = this.#options;
    if (this.#acquiring.has(callSid) || state === 'ringing') return undefined;
    const claim = await claims.read(callSid);
    if (
      claim?.owner !== undefined &&
      (await machines.find(claim.owner)) &&
      (await local.isReplicated(callSid))
    ) {
      const record = state === 'live' ? 'this machine' : 'the other one';
      this.#log.error(
        { callSid, record },
        'two machines have parts of this call; the record has those of one',
      );
      if (state !== 'live') return 'elsewhere';
    }
    await claims.take(callSid, claim);
    return undefined;
  }

  /**
   * Gives up calls that were announced here and never came, or were refused, and joins those that the disk did not take before. Call it with each
   * beat. Rejects if Redis does not answer.
   */
  async dropUnused(): Promise<void> {
    const { claims, local } = this.#options;
    for (const callSid of [...this.#unjoined]) await this.#once(callSid, 'again');
    const unused = claims.held.filter(
      (callSid) => !this.#acquiring.has(callSid) && !this.#unjoined.has(callSid) && !local.has(callSid),
    );
    // A call that has just been acquired is here at the next beat.
    for (const callSid of unused) if (this.#unused.has(callSid)) await claims.drop(callSid);
    this.#unused = new Set(unused);
  }

  /** Simultaneous requests for a call share the work. */
  #once(callSid: string, request: Wish): Promise<Acquired> {
    const running = this.#acquiring.get(callSid);
    if (running) return running.then((acquired) => this.#afterOther(callSid, request, acquired));
    const work = this.#acquire(callSid, request).finally(() => this.#acquiring.delete(callSid));
    this.#acquiring.set(callSid, work);
    return work;
  }

  /** A caller does not wait for another attempt that this machine makes of its own accord. */
  #afterOther(callSid: string, request: Wish, acquired: Acquired): Acquired | Promise<Acquired> {
    return isAwaited(request) && this.#unjoined.has(callSid) ? this.#once(callSid, request) : acquired;
  }

  async #acquire(callSid: string, request: Wish): Promise<Acquired> {
    const { local } = this.#options;
    let acquired: Acquired;
    try {
      acquired = await this.#take(callSid, request);
      this.#options.outage.worked();
    } catch (error) {
      if (isProgrammingError(error)) throw error;
      this.#options.outage.failed(error);
      acquired = 'here';
    }
    if (acquired === 'unrecorded' && request !== 'ring' && request !== 'again') this.#unrecorded.add(callSid);
    if (acquired !== 'here') return acquired;
    return (await local.acquire(callSid)) === false ? 'elsewhere' : 'here';
  }

  async #take(callSid: string, request: Wish): Promise<Acquired> {
    const { claims, local, handOver } = this.#options;
    if (claims.fenceOf(callSid) !== undefined) {
      if (await claims.isOurs(callSid))
        return this.#unjoined.has(callSid) ? this.#join(callSid, request) : 'here';
      // Another machine has taken it when this one did not answer.
      this.#unjoined.delete(callSid);
      await handOver.lost(callSid);
    }
    if (request === 'again') return 'elsewhere';
    const claim = await claims.read(callSid);
    if (claim?.isDone || (claim?.job !== undefined && typeof request === 'string')) return 'elsewhere';
    if (!claim) {
      // A call of which no machine knows is not created by its end.
      if (request !== 'completed' && typeof request === 'string') await claims.take(callSid, undefined);
      return 'here';
    }
    if (claim.owner !== undefined && !(await this.#isFree(callSid, claim.owner, request))) return 'elsewhere';
    const latest = await claims.read(callSid);
    // Meanwhile another machine may have taken it.
    const isChanged = latest?.owner !== undefined && latest.owner !== claim.owner;
    if (!latest || latest.isDone || isChanged || (await claims.take(callSid, latest)) === undefined)
      return 'elsewhere';
    this.#log.info(
      { callSid, from: claim.owner, request },
      'this machine goes on with a call of another one',
    );
    // A call that came here while Redis did not answer has a journal of its own. The journal that a process of this directory has left is
    // at least as long as the one in Redis.
    if (local.isRecorded(callSid) || local.hasJournal(callSid, claim.owner)) return 'here';
    return this.#join(callSid, request);
  }

  /** If the disk fails, the call of a waiting caller begins anew. A call for which nobody waits is joined again later. */
  async #join(callSid: string, request: Wish): Promise<Acquired> {
    this.#unjoined.delete(callSid);
    try {
      return (await this.#options.local.join(callSid)) === 'joined' ? 'here' : 'unrecorded';
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      const next = isAwaited(request) ? 'the call begins anew' : 'will retry';
      this.#log.error(
        { callSid, next, err: error },
        'the disk does not take the journal of a call of another machine',
      );
      if (!isAwaited(request)) this.#unjoined.add(callSid);
      return isAwaited(request) ? 'unrecorded' : 'elsewhere';
    }
  }

  /** Whether the machine that has the call releases it, or is gone. */
  async #isFree(callSid: string, owner: string, request: Wish): Promise<boolean> {
    if (typeof request === 'object') return owner === request.from;
    const peer = await this.#options.machines.find(owner);
    if (!peer) return true;
    try {
      if (request === 'completed') {
        await peer.completed(callSid);
        return false;
      }
      return (await peer.release(callSid, request !== 'ring')) !== 'live';
    } catch (error) {
      this.#log.warn(
        { callSid, machine: peer.machine.name, err: error },
        'the machine that has this call does not answer; this one goes on with the call',
      );
      return true;
    }
  }
}

/** Whether a caller waits for the answer. */
function isAwaited(request: Wish): boolean {
  return request === 'ring' || request === 'stream' || request === 'continues';
}
