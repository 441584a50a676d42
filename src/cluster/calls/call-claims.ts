import { LRUCache } from 'lru-cache';
import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redis-connection.ts';
import { RedisScript } from '../redis-script.ts';

/** Longer than any call and than its journal is kept (`PENDING_DAYS`). */
const KEPT_SECONDS = 31 * 86_400;
/** After the files of a call are complete, a late request of Twilio's still finds that it is over. */
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
}

/** KEYS: call. ARGV: machine, expected owner, expected fence, seconds. The new fence; 0: another machine was first. */
const TAKE = new RedisScript(`
  local owner = redis.call('HGET', KEYS[1], 'owner') or ''
  local fence = redis.call('HGET', KEYS[1], 'fence') or '0'
  if owner ~= ARGV[2] or fence ~= ARGV[3] or redis.call('HEXISTS', KEYS[1], 'done') == 1 then return 0 end
  local time = redis.call('TIME')
  local new = fence == '0' and time[1] * 1000000 + time[2] or fence + 1
  redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'fence', string.format('%.0f', new))
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  return new`);

/** KEYS: call. ARGV: fence, field, value, seconds. Sets a field of a call that still is ours. */
const SET_IF_OURS = new RedisScript(`
  if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
  redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  return 1`);

/** KEYS: call. ARGV: fence. */
const DROP = new RedisScript(`
  if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
  return redis.call('DEL', KEYS[1])`);

/**
 * KEYS: call, journal. ARGV: machine, fence, seconds. Writes what Redis has lost. 1: the call is ours, 2: it was written. A machine that did
 * not know that it had lost the call may have written its earlier fence and its journal first: the later fence counts.
 */
const RESTORE = new RedisScript(`
  local fence = redis.call('HGET', KEYS[1], 'fence')
  if fence and tonumber(fence) >= tonumber(ARGV[2]) then return fence == ARGV[2] and 1 or 0 end
  if fence then redis.call('UNLINK', KEYS[2]) end
  redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'fence', ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  return 2`);

/** KEYS: call. ARGV: machine, fence, seconds. Writes that the call's files are complete, which Redis has lost. */
const RESTORE_DONE = new RedisScript(`
  if tonumber(redis.call('HGET', KEYS[1], 'fence') or '0') > tonumber(ARGV[2]) then return 0 end
  redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'fence', ARGV[2], 'done', '1')
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  return 1`);

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
    const { owner, fence, done } = await this.#redis.hgetall(this.#keys.call(callSid));
    if (fence === undefined) return undefined;
    return { owner: owner === '' ? undefined : owner, fence: Number(fence), isDone: done !== undefined };
  }

  /** Takes a call as it was read; undefined: a call that no machine had. The new fence; undefined if another machine was first. */
  async take(callSid: string, from: CallClaim | undefined): Promise<number | undefined> {
    const fence = from?.fence ?? 0;
    // First: a call of which nothing else is known must be found when this machine is gone.
    await this.#redis.sadd(this.#callsKey(this.#machine), callSid);
    const args = [this.#machine, from?.owner ?? '', fence, KEPT_SECONDS];
    const taken = Number(await TAKE.run(this.#redis, [this.#keys.call(callSid)], args));
    if (taken === 0) return undefined;
    this.#held.set(callSid, taken);
    if (from?.owner !== undefined) await this.#redis.srem(this.#callsKey(from.owner), callSid);
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
    await this.#set(callSid, fence, 'done', '1', DONE_SECONDS);
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
      const args = [this.#machine, fence, DONE_SECONDS];
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

  async #set(callSid: string, fence: number, field: string, value: string, seconds: number): Promise<void> {
    await SET_IF_OURS.run(this.#redis, [this.#keys.call(callSid)], [fence, field, value, seconds]);
  }

  #callsKey(machine: string): string {
    return this.#keys.of('machine', machine, 'calls');
  }
}
