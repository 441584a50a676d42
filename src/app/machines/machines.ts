import type { AudioFormat } from '../../audio/formats/formats.ts';
import type { Machine, MachineDirectory } from '../../cluster/machines/machine-directory.ts';
import type { MachineMessages } from '../../cluster/machines/machine-messages.ts';
import type { Clock } from '../../events/clock.ts';
import { Topic } from '../../events/topic.ts';
import { componentLog, type Log } from '../../log.ts';
import type { Annotation } from '../../records/annotations.ts';
import type { CallHost } from '../processes/call-host.ts';
import type { DeskInterest, HostState } from '../processes/host-messages.ts';
import type { ProcessCalls } from '../processes/process-calls.ts';
import type { CallReports } from '../processes/supervised-process.ts';
import type { ReleaseResult, ToMachine } from './machine-messages.ts';
import { PeerMachine } from './peer-machine.ts';
import type { DirectoryTasks, TaskPeers } from './tasks/directory-tasks.ts';
import type { CallStateThere, ChangePeers, OwnCallFiles } from './tasks/shared-changes.ts';

/** Machines whose operators watch the desk get the calls here four times a second, the others once. */
const UNWATCHED_REPORT_MS = 1_000;

/** What a machine without calls, such as a command, takes no note of. */
const ignored = (): void => undefined;
const IGNORED: Partial<ToMachine> = {
  desk: ignored,
  state: ignored,
  turns: ignored,
  sound: ignored,
  cut: ignored,
  tasks: ignored,
};

export interface MachinesOptions {
  readonly directory: MachineDirectory;
  readonly messages: MachineMessages;
  readonly log: Log;
  readonly clock: Clock;
  /** Of recordings, unless it is changed. */
  readonly format: AudioFormat;
}

/** What this machine does for the others. */
export interface MachineServices {
  readonly host: CallHost;
  readonly calls: Pick<ProcessCalls, 'sound' | 'events' | 'changes'>;
  /** The desk here. */
  readonly desk: CallReports;
  /** Finished calls here. */
  readonly files: OwnCallFiles;
  readonly tasks: Pick<DirectoryTasks, 'look'>;
  release(callSid: string, hasNewStream: boolean): Promise<ReleaseResult>;
}

/** The other machines of the system. */
export class Machines implements ChangePeers, TaskPeers {
  /** A machine has ended without a word; requests to it have failed. */
  readonly gone: Topic<[machine: Machine]>;
  readonly #options: MachinesOptions;
  readonly #log: Log;
  readonly #peers = new Map<string, PeerMachine>();
  #services: MachineServices | undefined;
  #unwatchedAtMs = -Infinity;

  constructor(options: MachinesOptions) {
    this.#options = options;
    this.#log = componentLog(options.log, 'machines');
    this.gone = new Topic(this.#failed);
    options.directory.gone.subscribe((machine) => this.#lose(machine));
    options.messages.received.subscribe((from, bytes) => this.#take(from, bytes));
  }

  /** The calls of all other machines, as far as they have reported them. */
  get hosts(): readonly CallHost[] {
    return [...this.#peers.values()].map(({ host }) => host);
  }

  /** Whether an operator at another machine is at the desk. */
  get isWatched(): boolean {
    return [...this.#peers.values()].some(({ interest }) => interest.isWatched);
  }

  get hasAvailableOperator(): boolean {
    return [...this.#peers.values()].some(({ interest }) => interest.hasAvailableOperator);
  }

  /** Another machine, if it is alive. */
  peer(id: string): PeerMachine | undefined {
    const machine = this.#options.directory.others.find((other) => other.id === id);
    return machine && (this.#peers.get(id) ?? this.#meet(machine));
  }

  /** As `peer`; of a machine that was not seen yet, Redis knows whether it is alive. Rejects if Redis does not answer. */
  async find(id: string): Promise<PeerMachine | undefined> {
    const machine = await this.#options.directory.find(id);
    return machine && (this.#peers.get(id) ?? this.#meet(machine));
  }

  /** Other machines that are alive. */
  get peers(): readonly PeerMachine[] {
    return [...this.#peers.values()];
  }

  async statesOf(callSid: string): Promise<readonly CallStateThere[]> {
    return Promise.all(this.peers.map((peer) => peer.callState(callSid).catch(() => 'unknown' as const)));
  }

  async annotate(callSid: string, change: Annotation): Promise<boolean> {
    const answers = this.peers.map((peer) => peer.annotate(callSid, change).catch(() => false));
    return (await Promise.all(answers)).includes(true);
  }

  tellTasks(): void {
    for (const peer of this.peers) peer.tellTasks();
  }

  /** Serves the other machines from now on. */
  serve(services: MachineServices): void {
    this.#services = services;
    const { sound, events, changes } = services.calls;
    const listeners = (callSid: string): PeerMachine[] =>
      this.peers.filter(({ interest }) => interest.listened.includes(callSid));
    sound.subscribe((callSid, ...heard) => {
      for (const peer of listeners(callSid)) peer.sound(callSid, ...heard);
    });
    events.subscribe(['clear'], (callSid) => {
      for (const peer of listeners(callSid)) peer.cut(callSid);
    });
    changes.subscribe((callSid, { turns }) => {
      for (const peer of this.peers)
        if (turns.length > 0 && peer.interest.isWatched) peer.turns(callSid, turns);
    });
  }

  /** Reports the calls here, and what the desk here wants to know. Call it every quarter of a second. */
  tick(interest: DeskInterest): void {
    const { directory, clock } = this.#options;
    for (const machine of directory.others) if (!this.#peers.has(machine.id)) this.#meet(machine);
    for (const { machine } of this.peers)
      if (!directory.others.some(({ id }) => id === machine.id)) {
        this.#log.info({ machine: machine.name, id: machine.id }, 'another machine has left');
        this.#forget(machine.id);
      }
    const atMs = clock.now();
    const isUnwatchedDue = atMs - this.#unwatchedAtMs >= UNWATCHED_REPORT_MS;
    if (isUnwatchedDue) this.#unwatchedAtMs = atMs;
    const due = this.peers.filter((peer) => isUnwatchedDue || peer.interest.isWatched);
    for (const peer of this.peers) peer.setInterest(interest);
    if (due.length === 0 || !this.#services) return;
    const state = this.#state(this.#services.host);
    const text = JSON.stringify(state);
    for (const peer of due) peer.report(state, text);
  }

  #state(host: CallHost): HostState {
    return { calls: host.list(), connected: host.connected, health: host.health };
  }

  #meet(machine: Machine): PeerMachine {
    const { messages, clock, format } = this.#options;
    const owner = {
      methods: (peer: PeerMachine): Partial<ToMachine> => this.#methods(peer),
      failed: this.#failed,
    };
    const peer = new PeerMachine({ machine, messages, owner, clock, format });
    this.#peers.set(machine.id, peer);
    this.#log.info({ machine: machine.name, id: machine.id }, 'another machine is there');
    return peer;
  }

  #methods(peer: PeerMachine): Partial<ToMachine> {
    const services = this.#services;
    if (!services) return IGNORED;
    const { host, desk, files, tasks } = services;
    return {
      ...host,
      takeOver: async (callSid) => {
        const isTaken = await host.takeOver(callSid);
        if (isTaken) peer.taken.add(callSid);
        return isTaken;
      },
      handBack: (callSid) => {
        peer.taken.delete(callSid);
        return host.handBack(callSid);
      },
      desk: (interest) => void (peer.interest = interest),
      state: (state) => {
        peer.setState(state);
        desk.listed();
      },
      turns: (callSid, turns) => desk.turns(callSid, turns),
      sound: (...sound) => desk.sound(...sound),
      cut: (callSid) => desk.cut(callSid),
      callState: (callSid) => files.eraser.stateHere(callSid),
      annotate: async (callSid, change) => (await files.annotate(callSid, change)) !== undefined,
      tasks: () => void tasks.look(),
      release: (callSid, hasNewStream) => services.release(callSid, hasNewStream),
    };
  }

  #take(from: string, bytes: Buffer): void {
    const machine = this.#options.directory.others.find(({ id }) => id === from);
    // Of a machine that is not known yet, the next report comes within a second.
    const peer = this.#peers.get(from) ?? (machine && this.#meet(machine));
    peer?.take(bytes);
  }

  #lose(machine: Machine): void {
    this.#log.warn({ machine: machine.name, id: machine.id }, 'another machine is gone');
    this.#forget(machine.id);
    this.gone.publish(machine);
  }

  /** The assistant goes on with calls that an operator there had taken over. */
  #forget(id: string): void {
    const peer = this.#peers.get(id);
    this.#peers.delete(id);
    peer?.end();
    for (const callSid of peer?.taken ?? []) void this.#services?.host.handBack(callSid).catch(this.#failed);
  }

  readonly #failed = (error: unknown): void =>
    this.#log.error({ err: error }, 'a request of another machine failed');
}
