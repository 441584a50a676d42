import { CallHandOver } from '../../src/app/machines/call-hand-over.ts';
import { ClusterOwnership } from '../../src/app/machines/call-ownership.ts';
import { LostMachines } from '../../src/app/machines/lost-machines.ts';
import { MachineCalls } from '../../src/app/machines/machine-calls.ts';
import { CallClaims } from '../../src/cluster/calls/call-claims.ts';
import { RedisKeys } from '../../src/cluster/keys.ts';
import {
  BEAT_EVERY_MS,
  type Machine,
  MachineDirectory,
} from '../../src/cluster/machines/machine-directory.ts';
import { RedisOutage } from '../../src/cluster/redis-outage.ts';
import type { CallRequest } from '../../src/telephony/call-streams.ts';
import type { SimulatedCall } from './simulated-calls.ts';
import type { NetworkEnd } from './simulated-redis.ts';
import type { World } from './world.ts';
import { countingLog } from './counting-log.ts';

/** `ANSWER_WITHIN_MS` of `peer-machine.ts`. */
const ANSWER_WITHIN_MS = 700;
/** A journal from Redis, and the work to go on with it. Assumed: 5 MB at 100 MB/s. */
const DOWNLOAD_MS = 50;
/** From the end of a call to its files: `docs/performance.md`, 5 min, MP3. */
const FILES_MS = 440;
/** `CALLER_GONE_MS` of `orphan-finalizer.ts`. */
const CALLER_GONE_MS = 30_000;
const KEYS = new RedisKeys('simulation');

/** A call as its machine has it. */
interface Held {
  readonly call: SimulatedCall;
  hasStream: boolean;
  /** False: it has been announced, and nothing of it was recorded here. */
  hasJournal: boolean;
}

/**
 * One start of a machine. The rules are the product's: claims, directory, ownership, hand-over, lost machines, who writes the files. Calls,
 * disk and media streams are simulated.
 */
export class SimulatedMachine implements NetworkEnd {
  readonly id: string;
  readonly calls = new Map<string, Held>();
  /** Journals that an earlier start left in this directory, by CallSid: its id. */
  readonly orphans: Map<string, string>;
  readonly ownership: ClusterOwnership;
  readonly handOver: CallHandOver;
  readonly claims: CallClaims;
  readonly directory: MachineDirectory;
  state: 'running' | 'hung' | 'stopping' | 'ended' = 'running';
  isReachable = true;
  /** Since when its journals do not come to Redis. */
  blockedSinceMs: number | undefined;
  readonly #world: World;
  readonly #lost: LostMachines;
  readonly #shared: MachineCalls;
  readonly #outage: RedisOutage;
  /** Calls whose files are being written here, or exist. */
  readonly #finished = new Set<string>();
  /** Calls whose files exist here. */
  readonly #written = new Set<string>();
  #waiting: (() => void)[] = [];

  constructor(world: World, id: string, orphans = new Map<string, string>()) {
    const { time, redis, ledger } = world;
    this.#world = world;
    this.id = id;
    this.orphans = orphans;
    const log = countingLog(ledger.messages);
    const client = redis.client(this);
    const failed = (error: unknown): never => {
      throw error;
    };
    this.claims = new CallClaims(client, KEYS, id);
    this.directory = new MachineDirectory(client, KEYS, { id, name: id }, failed);
    this.#outage = new RedisOutage('calls of several machines', log);
    const { claims, directory } = this;
    const machines = { find: async (other: string) => this.#peer(await directory.find(other)) };
    const clock = { now: time.now, sleep: time.sleep };
    this.ownership = new ClusterOwnership({
      claims,
      log,
      handOver: { lost: (callSid) => this.handOver.lost(callSid) },
      outage: this.#outage,
      machines: machines as never,
      local: this.#local() as never,
    });
    const registry = {
      list: () =>
        [...this.calls.values()].map(({ call, hasStream }) => ({
          identity: { callSid: call.callSid },
          state: hasStream ? 'live' : 'waiting',
        })),
      get: (callSid: string) => (this.calls.get(callSid)?.hasStream ? {} : undefined),
      has: (callSid: string) => this.calls.has(callSid),
      handOver: (callSid: string) => this.#drop(callSid),
    };
    const storage = {
      isFinished: (callSid: string) => this.#finished.has(callSid),
      encoding: { ends: () => undefined, forget: () => Promise.resolve() },
      finalized: { publish: () => undefined },
    };
    const replication = { replicated: () => Promise.resolve(redis.downSinceMs === undefined) };
    this.handOver = new CallHandOver({
      calls: { registry, storage } as never,
      claims,
      replication,
      log,
      clock,
    });
    this.#lost = new LostMachines({
      claims,
      directory,
      ownership: this.ownership,
      registry: registry as never,
      telephony: { redirect: (callSid) => world.callers.redirect(callSid) },
      log,
    });
    this.#shared = new MachineCalls({
      follower: {} as never,
      machine: id,
      claims,
      journals: {
        remove: () => Promise.resolve(true),
        has: (callSid) => this.#isReplicated(callSid),
      },
      machines,
      completed: { isFinished: (callSid) => Promise.resolve(this.#written.has(callSid)) },
      clock,
      log,
    });
    directory.unsure.subscribe(() => void this.#restore().catch(() => undefined));
  }

  start(): void {
    const beat = (): void => {
      if (this.state === 'ended') return;
      this.#world.time.after(BEAT_EVERY_MS, () => this.deliver(beat));
      void this.#beat();
    };
    beat();
    for (const [callSid, owner] of this.orphans) void this.#claimOrphan(callSid, owner);
  }

  deliver(run: () => void): void {
    if (this.state === 'hung') this.#waiting.push(run);
    else if (this.state !== 'ended') run();
  }

  /** Runs again after it hung. */
  goOn(): void {
    this.state = 'running';
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) this.deliver(run);
  }

  async acquire(callSid: string, request: CallRequest): Promise<boolean> {
    return (await this.ownership.acquire(callSid, request)) !== false;
  }

  streamStarted(call: SimulatedCall): void {
    const held = this.calls.get(call.callSid);
    if (held) held.hasStream = held.hasJournal = true;
    else this.calls.set(call.callSid, { call, hasStream: true, hasJournal: true });
  }

  streamEnded(callSid: string): void {
    const held = this.calls.get(callSid);
    if (held) held.hasStream = false;
  }

  /** What Twilio says of a call that has ended, or what this machine concludes. */
  async finish(callSid: string): Promise<void> {
    const { time, ledger } = this.#world;
    const held = this.calls.get(callSid);
    this.calls.delete(callSid);
    if (!held?.hasJournal) return;
    this.#finished.add(callSid);
    // Until the files exist, a later start finds the journal.
    this.orphans.set(callSid, this.id);
    if (!(await this.#shared.mayFinish(callSid))) return this.#leave(callSid);
    await new Promise<void>((resolve) => time.after(FILES_MS, () => this.deliver(resolve)));
    // Before uploads and catalogue it is asked again.
    if (!(await this.#shared.mayFinish(callSid))) return this.#leave(callSid);
    this.#written.add(callSid);
    this.orphans.delete(callSid);
    ledger.wrote(callSid, this.id);
    this.#shared.isComplete(callSid);
  }

  /** Another machine has the call: its journal here is outdated. */
  #leave(callSid: string): void {
    this.#finished.delete(callSid);
    this.orphans.delete(callSid);
  }

  async #beat(): Promise<void> {
    const { directory, claims, ownership } = this;
    try {
      await directory.beat(this.#world.time.now());
      for (const [callSid, { hasStream, hasJournal }] of this.calls) {
        const state = hasStream ? 'live' : hasJournal ? 'between' : 'ringing';
        if (claims.fenceOf(callSid) === undefined && (await ownership.claimLate(callSid, state)))
          await this.handOver.lost(callSid);
      }
      await this.#replicate();
    } catch (error) {
      this.#outage.failed(error);
    }
    this.#lost.tick();
  }

  /** The copies of a second, by one command. */
  async #replicate(): Promise<void> {
    const { redis, ledger } = this.#world;
    const fenced = await redis.send(this, () => {
      const refused: string[] = [];
      for (const [callSid, { hasJournal }] of this.calls) {
        const fence = this.claims.fenceOf(callSid);
        const current = redis.data.hget(KEYS.call(callSid), 'fence');
        if (fence === undefined || current === undefined) continue;
        if (current === String(fence) && hasJournal) {
          ledger.appended(callSid, this.id, fence);
          redis.data.hset(KEYS.call(callSid), 'length', 1);
        } else if (Number(current) > fence) refused.push(callSid);
      }
      return refused;
    });
    for (const callSid of fenced) await this.handOver.lost(callSid);
  }

  async #restore(): Promise<void> {
    await this.claims.restoreDone();
    for (const callSid of this.claims.held)
      if (!(await this.claims.isOurs(callSid))) await this.handOver.lost(callSid);
  }

  async #claimOrphan(callSid: string, owner: string): Promise<void> {
    const { time, callers } = this.#world;
    const permit = await this.#shared.permit({ callSid, owner } as never);
    if (permit === 'later') return time.after(CALLER_GONE_MS, () => void this.#claimOrphan(callSid, owner));
    this.orphans.delete(callSid);
    const call = callers.call(callSid);
    if (permit !== 'claim' || this.calls.has(callSid) || !call) return;
    this.#adopt(call, true);
  }

  /** A call without a stream: it waits for Twilio's request. */
  #adopt(call: SimulatedCall, hasJournal: boolean): void {
    this.calls.set(call.callSid, { call, hasStream: false, hasJournal });
    this.#world.time.after(CALLER_GONE_MS, () =>
      this.deliver(() => {
        if (this.calls.get(call.callSid)?.hasStream === false) void this.finish(call.callSid);
      }),
    );
  }

  #drop(callSid: string): object | undefined {
    const held = this.calls.get(callSid);
    if (!held) return undefined;
    this.calls.delete(callSid);
    if (held.hasStream) this.#world.callers.streamClosed(callSid, this);
    return { callSid, path: callSid, written: () => Promise.resolve(), close: () => Promise.resolve() };
  }

  #local(): object {
    const { time, redis, callers } = this.#world;
    const joined = new Set<string>();
    return {
      has: (callSid: string) => this.calls.has(callSid) || this.#finished.has(callSid),
      isRecorded: (callSid: string) =>
        this.calls.get(callSid)?.hasJournal === true || this.#finished.has(callSid),
      isReplicated: (callSid: string) => this.#isReplicated(callSid),
      hasJournal: (callSid: string, owner: string | undefined) => this.orphans.get(callSid) === owner,
      acquire: (callSid: string) => {
        const call = callers.call(callSid);
        const held = this.calls.get(callSid);
        const isJoined = joined.delete(callSid);
        if (held) held.hasJournal ||= isJoined;
        else if (call && !this.#finished.has(callSid)) this.#adopt(call, isJoined);
        return undefined;
      },
      join: async (callSid: string) => {
        await redis.send(this, () => undefined);
        await new Promise<void>((resolve) => time.after(DOWNLOAD_MS, () => this.deliver(resolve)));
        callers.joined(callSid);
        joined.add(callSid);
        return 'joined';
      },
    };
  }

  #peer(machine: Machine | undefined): object | undefined {
    if (!machine) return undefined;
    const { id } = machine;
    return {
      machine: { id, name: id },
      completed: (callSid: string) => this.#ask(id, (peer) => peer.finish(callSid)),
      release: (callSid: string, isNew: boolean) =>
        this.#ask(id, (peer) => peer.handOver.release(callSid, isNew)),
    };
  }

  #isReplicated(callSid: string): Promise<boolean> {
    const { redis } = this.#world;
    return redis.send(this, () => redis.data.hget(KEYS.call(callSid), 'length') !== undefined);
  }

  /** A request over Redis: rejects at once if the other machine is not connected, and after 0.7 s without an answer. */
  #ask<Answer>(id: string, request: (peer: SimulatedMachine) => Promise<Answer>): Promise<Answer> {
    const { time, redis, machines } = this.#world;
    return new Promise((resolve, reject) => {
      time.after(ANSWER_WITHIN_MS, () => this.deliver(() => reject(new Error('no answer'))));
      const work = redis.send(this, () => {
        const peer = machines.get(id);
        if (!peer || peer.state === 'ended') return false;
        if (!peer.isReachable) return true;
        const answer = (result: Answer): void => {
          if (peer.isReachable && this.isReachable) time.after(1, () => this.deliver(() => resolve(result)));
        };
        peer.deliver(() => void request(peer).then(answer, () => undefined));
        return true;
      });
      work.then((isConnected) => isConnected || reject(new Error('the machine is not connected')), reject);
    });
  }
}
