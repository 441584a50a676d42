import type { AudioFormat } from '../../audio/formats/formats.ts';
import type { Machine } from '../../cluster/machines/machine-directory.ts';
import type { MachineMessages } from '../../cluster/machines/machine-messages.ts';
import type { Clock } from '../../events/clock.ts';
import type { Annotation } from '../../records/annotations.ts';
import type { CallHost } from '../processes/call-host.ts';
import type { DeskInterest, HostState, ToHost } from '../processes/host-messages.ts';
import { ProcessChannel } from '../processes/process-channel.ts';
import { RemoteCallHost } from '../processes/remote-call-host.ts';
import { MachineEnd } from './machine-end.ts';
import type { ReleaseResult, ToMachine } from './machine-messages.ts';
import type { CallStateThere } from './tasks/shared-changes.ts';

/** A machine that does not answer within this time has failed for this request: a caller whose stream has ended waits for it. */
const ANSWER_WITHIN_MS = 700;
/** What has not changed is told again after this time: messages are lost while a machine is not connected to Redis, or does not know the sender. */
const TOLD_AGAIN_AFTER_MS = 5_000;
const NO_INTEREST: DeskInterest = { isWatched: false, hasAvailableOperator: false, listened: [] };

export interface PeerMachineOptions {
  readonly machine: Machine;
  readonly messages: Pick<MachineMessages, 'send'>;
  readonly owner: PeerOwner;
  readonly clock: Clock;
  readonly format: AudioFormat;
}

/** This machine, as peers need it. */
export interface PeerOwner {
  /** What this machine answers to this peer. */
  methods(peer: PeerMachine): Partial<ToMachine>;
  /** A request of a peer that wants no answer has failed. */
  failed(error: unknown): void;
}

/** Another machine: its calls, as it reported them last, and requests to it. */
export class PeerMachine {
  readonly machine: Machine;
  readonly host: CallHost;
  /** What the operators at that machine want to know of calls here. */
  interest = NO_INTEREST;
  /** Calls here that operators there have taken over. */
  readonly taken = new Set<string>();
  readonly #end: MachineEnd;
  readonly #channel: ProcessChannel<ToMachine>;
  readonly #remote: RemoteCallHost;
  readonly #clock: Pick<Clock, 'now'>;
  #reported = '';
  #reportedAtMs = -Infinity;
  #interestAtMs = -Infinity;

  constructor({ machine, messages, owner, clock, format }: PeerMachineOptions) {
    this.machine = machine;
    this.#clock = clock;
    this.#end = new MachineEnd(messages, machine.id);
    this.#channel = new ProcessChannel<ToMachine>(
      this.#end,
      owner.methods(this),
      clock,
      (error) => owner.failed(error),
      ANSWER_WITHIN_MS,
    );
    const channel = this.#channel as unknown as ProcessChannel<ToHost>;
    this.#remote = new RemoteCallHost(channel, () => clock.now(), format);
    this.host = this.#remote;
  }

  /** A message of the machine. */
  take(bytes: Uint8Array): void {
    this.#end.take(bytes);
  }

  /** The machine has reported its calls. */
  setState(state: HostState): void {
    this.#remote.report(state);
  }

  /** Tells the machine of the calls here, if they have changed or it may have missed them. `text`: the state as JSON. */
  report(state: HostState, text: string): void {
    const atMs = this.#clock.now();
    if (text === this.#reported && atMs - this.#reportedAtMs < TOLD_AGAIN_AFTER_MS) return;
    this.#reported = text;
    this.#reportedAtMs = atMs;
    this.#channel.tell('state', state);
  }

  /** Tells the machine what the operators here want to know, if it has changed. */
  setInterest(interest: DeskInterest): void {
    const atMs = this.#clock.now();
    if (atMs - this.#interestAtMs >= TOLD_AGAIN_AFTER_MS) {
      this.#interestAtMs = atMs;
      this.#remote.forgetInterest();
    }
    this.#remote.setInterest(interest);
  }

  cut(callSid: string): void {
    this.#channel.tell('cut', callSid);
  }

  turns(...turns: Parameters<ToMachine['turns']>): void {
    this.#channel.tell('turns', ...turns);
  }

  sound(...sound: Parameters<ToMachine['sound']>): void {
    this.#channel.tellUnlessSlow('sound', ...sound);
  }

  completed(callSid: string): Promise<void> {
    return this.#channel.ask('completed', callSid);
  }

  release(callSid: string, hasNewStream: boolean): Promise<ReleaseResult> {
    return this.#channel.ask('release', callSid, hasNewStream);
  }

  callState(callSid: string): Promise<CallStateThere> {
    return this.#channel.ask('callState', callSid);
  }

  annotate(callSid: string, change: Annotation): Promise<boolean> {
    return this.#channel.ask('annotate', callSid, change);
  }

  tellTasks(): void {
    this.#channel.tell('tasks');
  }

  /** The machine is gone: all requests fail. */
  end(): void {
    this.#end.end();
  }
}
