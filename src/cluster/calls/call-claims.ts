import { LRUCache } from 'lru-cache';
import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redis-connection.ts';
import { DONE, DROP, RESTORE, RESTORE_DONE, SET_IF_OURS, TAKE, WITHDRAW } from './claim-scripts.ts';

/** Longer than any call and than its journal is kept (`PENDING_DAYS`). */
const KEPT_SECONDS = 31 * 86_400;
/**
 * After the files of a call are complete, a late request of Twilio's still finds that it is over. A call that has changed hands is kept for
 * `KEPT_SECONDS`: a machine that returns with its part of the journal must not replace the complete files.
 */
const DONE_SECONDS = 86_400;
/** Of this many complete calls a machine knows that they are, in case Redis loses it: hours on a busy machine. */
const DONE_REMEMBERED = 5_000;

/** Who has a call. */
export interface CallClaim {
  /** The machine's id; undefined if the machine has released the call. */
  readonly owner: string | undefined;
  /**
   * Grows by one when the call changes hands. The first one is Redis' time in µs: a claim that is made after Redis has lost its data never has the
   * fence of a machine that had the call before.
   */
  readonly fence: number;
  /** The call's files are complete. */
  readonly isDone: boolean;
  /** The call has ended, and the job with this fence writes its files; undefined: there is no job. */
  readonly job?: number | undefined;
  /** The fence with which files were stored that lack texts. */
  readonly stored?: number | undefined;
}

/**
 * Which machine owns which call, in Redis. One script compares owner and fencing number and sets the new ones, so two machines never
 * take a call at once. Every script that writes data of a call compares the number. All methods reject if Redis does not answer.
 */
export class CallClaims {
  readonly #redis: RedisClient;
  readonly #keys: RedisKeys;
  readonly #machine: string;
  /** Fences of the calls of this machine. */
  readonly #held = new Map<string, number>();
  /** Fences of the calls whose files were completed here lately. */
  readonly #done = new LRUCache<string, number>({ max: DONE_REMEMBERED });

  constructor(redis: RedisClient, keys: RedisKeys, machine: string) {
    this.#redis = redis;
    this.#keys = keys;
    this.#machine = machine;
  }

  /** The fence of a call of this machine. */
  fenceOf(callSid: string): number | undefined {
    return this.#held.get(callSid);
  }

  /** The calls that this machine has. */
  get held(): readonly string[] {
    return [...this.#held.keys()];
  }

  async read(callSid: string): Promise<CallClaim | undefined> {
    const { owner, fence, done, job, stored } = await this.#redis.hgetall(this.#keys.call(callSid));
    if (fence === undefined) return undefined;
    return {
      owner: owner === '' ? undefined : owner,
      fence: Number(fence),
      isDone: done !== undefined,
      job: job === undefined ? undefined : Number(job),
      stored: stored === undefined ? undefined : Number(stored),
    };
  }

  /** Takes a call as it was read; undefined: a call that no machine had. The new fence; undefined if another machine was first. */
  take(callSid: string, from: CallClaim | undefined): Promise<number | undefined> {
    return this.#take(callSid, from, '');
  }

  /** Takes a call, as it was read, to execute its job. The new fence; undefined if another process was first. */
  async takeJob(callSid: string, from: CallClaim): Promise<number | undefined> {
    return from.job === undefined ? undefined : this.#take(callSid, from, from.job);
  }

  /** The call has ended: the process that executes the job with this fence may take it. Undefined: another machine has the call. */
  async offer(callSid: string): Promise<number | undefined> {
    const fence = this.#held.get(callSid);
    if (fence === undefined) return undefined;
    return (await this.#set(callSid, fence, 'job', String(fence), KEPT_SECONDS)) ? fence : undefined;
  }

  /** Files that lack texts are in the store; the job goes on. */
  async stored(callSid: string): Promise<void> {
    const fence = this.#held.get(callSid);
    if (fence !== undefined) await this.#set(callSid, fence, 'stored', String(fence), KEPT_SECONDS);
  }

  /** Ends the job of a call that this process has taken for it, and releases the call to the machine that had it. */
  async withdraw(callSid: string): Promise<void> {
    const fence = this.#held.get(callSid);
    if (fence === undefined) return;
    this.#held.delete(callSid);
    await WITHDRAW.run(this.#redis, [this.#keys.call(callSid)], [fence]);
    await this.#redis.srem(this.#callsKey(this.#machine), callSid);
  }

  async #take(callSid: string, from: CallClaim | undefined, job: number | ''): Promise<number | undefined> {
    const fence = from?.fence ?? 0;
    // First: a call of which nothing else is known must be found when this machine is gone.
    await this.#redis.sadd(this.#callsKey(this.#machine), callSid);
    const args = [this.#machine, from?.owner ?? '', fence, KEPT_SECONDS, job];
    const taken = Number(await TAKE.run(this.#redis, [this.#keys.call(callSid)], args));
    if (taken === 0) return undefined;
    this.#held.set(callSid, taken);
    if (from?.owner !== undefined && from.owner !== this.#machine)
      await this.#redis.srem(this.#callsKey(from.owner), callSid);
    return taken;
  }

  /** Another machine may take the call. */
  async release(callSid: string): Promise<void> {
    const fence = this.#held.get(callSid);
    this.#held.delete(callSid);
    if (fence === undefined) return;
    await this.#set(callSid, fence, 'owner', '', KEPT_SECONDS);
    await this.#redis.srem(this.#callsKey(this.#machine), callSid);
  }

  /** The call's files are complete: no machine can take it after this. */
  async done(callSid: string): Promise<void> {
    const fence = this.#held.get(callSid);
    if (fence === undefined) return;
    await DONE.run(this.#redis, [this.#keys.call(callSid)], [fence, DONE_SECONDS, KEPT_SECONDS]);
    await this.#redis.srem(this.#callsKey(this.#machine), callSid);
    this.#held.delete(callSid);
    this.#done.set(callSid, fence);
  }

  /**
   * Redis may have lost its data: writes again which calls are complete, so that a machine that hung meanwhile does not write their files
   * once more.
   */
  async restoreDone(): Promise<void> {
    for (const [callSid, fence] of this.#done) {
      const args = [this.#machine, fence, KEPT_SECONDS];
      await RESTORE_DONE.run(this.#redis, [this.#keys.call(callSid)], args);
    }
  }

  /** Nothing of the call is left, here or in Redis. */
  async drop(callSid: string): Promise<void> {
    const fence = this.#held.get(callSid);
    if (fence === undefined) return;
    await DROP.run(this.#redis, [this.#keys.call(callSid)], [fence]);
    await this.#redis.srem(this.#callsKey(this.#machine), callSid);
    this.#held.delete(callSid);
  }

  /** Forgets a call that another machine has. */
  lost(callSid: string): void {
    this.#held.delete(callSid);
  }

  /** Whether the call still is this machine's. `restored`: Redis had lost it, and it was written again. */
  async confirm(callSid: string): Promise<'ours' | 'restored' | 'lost'> {
    const fence = this.#held.get(callSid);
    if (fence === undefined) return 'lost';
    const keys = [this.#keys.call(callSid), this.#keys.journal(callSid)];
    const answer = await RESTORE.run(this.#redis, keys, [this.#machine, fence, KEPT_SECONDS]);
    if (answer === 0) return 'lost';
    await this.#redis.sadd(this.#callsKey(this.#machine), callSid);
    return answer === 1 ? 'ours' : 'restored';
  }

  /** As `confirm`: true unless another machine has the call. */
  async isOurs(callSid: string): Promise<boolean> {
    return (await this.confirm(callSid)) !== 'lost';
  }

  /** The calls that a machine has, or had when it ended. */
  callsOf(machine: string): Promise<string[]> {
    return this.#redis.smembers(this.#callsKey(machine));
  }

  /** A call that a machine that is gone does not have any more. */
  async strike(machine: string, callSid: string): Promise<void> {
    await this.#redis.srem(this.#callsKey(machine), callSid);
  }

  /** False: another machine has the call. */
  async #set(
    callSid: string,
    fence: number,
    field: string,
    value: string,
    seconds: number,
  ): Promise<boolean> {
    const args = [fence, field, value, seconds];
    return (await SET_IF_OURS.run(this.#redis, [this.#keys.call(callSid)], args)) === 1;
  }

  #callsKey(machine: string): string {
    return this.#keys.of('machine', machine, 'calls');
  }
}
