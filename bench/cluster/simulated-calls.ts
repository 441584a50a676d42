import type { CallRequest } from '../../src/telephony/call-streams.ts';
import type { SimulatedMachine } from './simulated-machine.ts';
import type { World } from './world.ts';

/** From Twilio to a machine and back, for a webhook or a media stream. Assumed. */
const REQUEST_MS = 80;
/** A change of a call by Twilio's REST API. Assumed. */
const REDIRECT_MS = 200;
/** Twilio waits so long for a webhook, then it asks the fallback address, which is the same here. */
const WEBHOOK_TIMEOUT_MS = 15_000;
/** A refused request is made again. Assumed. */
const AGAIN_MS = 1_000;
/** Journals are copied every 100 ms (`replication-thread.ts`). */
const ROUND_MS = 100;
const CALLER_GONE_MS = 30_000;
const MEAN_CALL_MS = 180_000;

export interface SimulatedCall {
  readonly callSid: string;
  /** The machine that has its stream. */
  at: SimulatedMachine | undefined;
  /** The machine that is being asked. */
  asked: SimulatedMachine | undefined;
  attempt: number;
  hasEnded: boolean;
  /** Whether a machine ever had its stream: of other calls there is nothing to record. */
  wasHeard: boolean;
  /** The record ends here, until another machine goes on with it. */
  gapFromMs: number | undefined;
  /** Since when no working machine has the caller. */
  silentSinceMs: number | undefined;
}

/** Callers, Twilio and the load balancer. */
export class SimulatedCalls {
  readonly all = new Map<string, SimulatedCall>();
  readonly #world: World;
  #count = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** A call comes in. When it ends, the next one does, until `untilMs`. */
  ring(untilMs: number): void {
    const { time, random } = this.#world;
    const callSid = `CA${String((this.#count += 1)).padStart(32, '0')}`;
    const call: SimulatedCall = {
      callSid,
      at: undefined,
      asked: undefined,
      attempt: 0,
      hasEnded: false,
      wasHeard: false,
      gapFromMs: undefined,
      silentSinceMs: undefined,
    };
    this.all.set(callSid, call);
    this.#ask(call, 'ring');
    const lengthMs = -MEAN_CALL_MS * Math.log(1 - random());
    time.after(Math.max(5_000, Math.min(lengthMs, untilMs - time.now())), () => {
      this.#end(call);
      if (time.now() < untilMs) this.ring(untilMs);
    });
  }

  call(callSid: string): SimulatedCall | undefined {
    return this.all.get(callSid);
  }

  at(machine: SimulatedMachine): SimulatedCall[] {
    return [...this.all.values()].filter((call) => call.at === machine);
  }

  /** A machine has ended without a word: its connections are reset. */
  reset(machine: SimulatedMachine): void {
    for (const call of this.all.values()) {
      if (call.at === machine) this.#break(call, this.#copiedUntilMs(machine));
      else if (call.asked === machine && !call.hasEnded) this.#ask(call, 'continues');
    }
  }

  /** A machine closes the stream of a call, whose journal is complete unless another machine has taken the call. */
  streamClosed(callSid: string, machine: SimulatedMachine): void {
    const call = this.all.get(callSid);
    if (call?.at === machine) this.#break(call, this.#world.time.now());
  }

  /** Another machine goes on with the call, from the copy of its journal. */
  joined(callSid: string): void {
    const call = this.all.get(callSid);
    if (call?.at) call.gapFromMs ??= this.#copiedUntilMs(call.at);
  }

  async redirect(callSid: string): Promise<void> {
    await this.#world.time.sleep(REDIRECT_MS);
    const call = this.all.get(callSid);
    if (!call || call.hasEnded) return;
    const from = call.at;
    from?.deliver(() => from.streamEnded(callSid));
    this.#break(call, this.#world.time.now());
  }

  #break(call: SimulatedCall, recordedUntilMs: number): void {
    call.gapFromMs ??= recordedUntilMs;
    call.silentSinceMs ??= this.#world.time.now();
    call.at = undefined;
    if (!call.hasEnded) this.#ask(call, 'continues');
  }

  #ask(call: SimulatedCall, request: CallRequest): void {
    const { time, balancer, ledger } = this.#world;
    const attempt = (call.attempt += 1);
    const isCurrent = (): boolean => call.attempt === attempt && !call.hasEnded;
    const again = (): void => {
      if (isCurrent()) this.#ask(call, request === 'stream' ? 'continues' : request);
    };
    time.after(WEBHOOK_TIMEOUT_MS, again);
    time.after(REQUEST_MS / 2, () => {
      if (!isCurrent()) return;
      const machine = balancer.pick();
      if (!machine) return time.after(AGAIN_MS, again);
      call.asked = machine;
      const answered = (isHere: boolean): void => {
        if (!isCurrent()) return;
        if (!isHere) ledger.refused += 1;
        if (!isHere) time.after(AGAIN_MS, again);
        else if (request === 'stream') this.#open(call, machine);
        else time.after(REQUEST_MS / 2, () => isCurrent() && this.#ask(call, 'stream'));
      };
      machine.deliver(
        () =>
          void machine.acquire(call.callSid, request).then((isHere) => {
            if (machine.state !== 'ended') answered(isHere);
          }),
      );
    });
  }

  #open(call: SimulatedCall, machine: SimulatedMachine): void {
    const { time, ledger } = this.#world;
    call.at = machine;
    call.wasHeard = true;
    call.asked = undefined;
    call.attempt += 1;
    machine.streamStarted(call);
    const nowMs = time.now();
    if (call.silentSinceMs !== undefined) ledger.recoveryMs.push(nowMs - call.silentSinceMs);
    call.silentSinceMs = undefined;
    // What a machine without Redis hears is in the record if no other machine has the call.
    if (call.gapFromMs === undefined || machine.blockedSinceMs !== undefined) return;
    ledger.lostMs.push(nowMs - call.gapFromMs);
    call.gapFromMs = undefined;
  }

  #end(call: SimulatedCall): void {
    const { time, balancer } = this.#world;
    call.hasEnded = true;
    const { at } = call;
    call.at = undefined;
    at?.deliver(() => at.streamEnded(call.callSid));
    time.after(REQUEST_MS / 2, () => {
      const machine = balancer.pick();
      machine?.deliver(
        () =>
          void machine
            .acquire(call.callSid, 'completed')
            .then((isHere) => (isHere ? machine.finish(call.callSid) : undefined)),
      );
    });
    // Twilio says that once. A machine that still has the call ends it.
    time.after(CALLER_GONE_MS, () => at?.deliver(() => void at.finish(call.callSid)));
  }

  #copiedUntilMs(machine: SimulatedMachine): number {
    const { time, random } = this.#world;
    return (machine.blockedSinceMs ?? time.now()) - random() * ROUND_MS;
  }
}
