import { Ledger } from './ledger.ts';
import { seeded } from './random.ts';
import { SimulatedCalls } from './simulated-calls.ts';
import { SimulatedMachine } from './simulated-machine.ts';
import { SimulatedRedis } from './simulated-redis.ts';
import { VirtualTime } from './virtual-time.ts';

/** The load balancer asks `/ready` every second and waits a second for the answer. */
const UNREADY_AFTER_MS = 2_000;
const START_MS = 3_000;
/** A machine that stops waits so long for its calls to be taken. */
const STOP_WITHIN_MS = 10_000;

/** Machines, their Redis, callers, and what goes wrong. */
export class World {
  readonly time = new VirtualTime();
  readonly redis = new SimulatedRedis(this.time);
  readonly ledger = new Ledger();
  readonly random: () => number;
  readonly callers = new SimulatedCalls(this);
  readonly machines = new Map<string, SimulatedMachine>();
  #starts = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  /** Which machine gets a request: any that seems ready. */
  readonly balancer = {
    pick: (): SimulatedMachine | undefined => {
      const nowMs = this.time.now();
      const ready = this.running.filter(
        ({ state, blockedSinceMs }) =>
          state === 'running' || nowMs - (blockedSinceMs ?? nowMs) < UNREADY_AFTER_MS,
      );
      return ready[Math.floor(this.random() * ready.length)];
    },
  };

  /** Those that run or hang. */
  get running(): SimulatedMachine[] {
    return [...this.machines.values()].filter(({ state }) => state === 'running' || state === 'hung');
  }

  any(): SimulatedMachine | undefined {
    const healthy = this.running.filter(({ state, isReachable }) => state === 'running' && isReachable);
    return healthy[Math.floor(this.random() * healthy.length)];
  }

  start(orphans?: Map<string, string>): void {
    const machine = new SimulatedMachine(this, `machine-${(this.#starts += 1)}`, orphans);
    this.machines.set(machine.id, machine);
    machine.start();
  }

  /** The process ends; it is started again in its directory. */
  crash(machine = this.any()): void {
    if (!machine) return;
    machine.state = 'ended';
    this.callers.reset(machine);
    const orphans = new Map(machine.orphans);
    for (const callSid of machine.calls.keys()) orphans.set(callSid, machine.id);
    this.time.after(START_MS, () => this.start(orphans));
  }

  /** The process stands still; its connections stay open. */
  hang(ms: number, machine = this.any()): void {
    if (!machine) return;
    const { time, ledger } = this;
    machine.state = 'hung';
    machine.blockedSinceMs = time.now();
    for (const call of this.callers.at(machine)) call.silentSinceMs ??= time.now();
    time.after(ms, () => {
      if (machine.state !== 'hung') return;
      machine.blockedSinceMs = undefined;
      machine.goOn();
      for (const call of this.callers.at(machine)) {
        if (call.silentSinceMs !== undefined) ledger.recoveryMs.push(time.now() - call.silentSinceMs);
        call.silentSinceMs = undefined;
      }
    });
  }

  /** Nothing passes between the machine and Redis. */
  partition(ms: number, machine = this.any()): void {
    if (!machine) return;
    machine.isReachable = false;
    machine.blockedSinceMs = this.time.now();
    this.time.after(ms, () => {
      machine.isReachable = true;
      machine.blockedSinceMs = undefined;
    });
  }

  restartRedis(ms: number, keepsData: boolean): void {
    const { redis, time } = this;
    redis.downSinceMs = time.now();
    if (!keepsData) redis.data.flush();
    const blocked = this.running.filter((machine) => machine.blockedSinceMs === undefined);
    for (const machine of blocked) machine.blockedSinceMs = time.now();
    time.after(ms, () => {
      redis.downSinceMs = undefined;
      for (const machine of blocked) if (machine.isReachable) machine.blockedSinceMs = undefined;
    });
  }

  /** One machine after another gets no new requests, closes its streams, waits until others have its calls, and starts again. */
  async restartAll(): Promise<void> {
    for (const machine of this.running) if (machine.state === 'running') await this.#restart(machine);
  }

  async #restart(machine: SimulatedMachine): Promise<void> {
    const { time } = this;
    machine.state = 'stopping';
    await time.sleep(1_000);
    for (const { callSid } of this.callers.at(machine)) {
      machine.streamEnded(callSid);
      this.callers.streamClosed(callSid, machine);
    }
    const untilMs = time.now() + STOP_WITHIN_MS;
    while (machine.calls.size > 0 && time.now() < untilMs) await time.sleep(50);
    await machine.directory.leave().catch(() => undefined);
    machine.state = 'ended';
    const orphans = new Map(machine.orphans);
    for (const callSid of machine.calls.keys()) orphans.set(callSid, machine.id);
    this.time.after(START_MS, () => this.start(orphans));
  }
}
