import type { AudioFormat } from '../../audio/formats/formats.ts';
import type { LiveCall } from '../../call/call-registry-options.ts';
import { BEAT_EVERY_MS } from '../../cluster/machines/machine-directory.ts';
import type { Clock } from '../../events/clock.ts';
import { componentLog, type Log } from '../../log.ts';
import type { CallOwnership } from '../../telephony/call-streams.ts';
import type { CallTerminator } from '../../telephony/telephone-calls.ts';
import type { Cluster } from '../cluster.ts';
import type { CallHost } from '../processes/call-host.ts';
import type { DeskInterest } from '../processes/host-messages.ts';
import type { CallReports } from '../processes/supervised-process.ts';
import type { ProcessCalls } from '../processes/process-calls.ts';
import { DataDirectory } from '../../storage/data-directory.ts';
import { directoryId } from '../../storage/directory-id.ts';
import { ScheduledWork } from '../storage/scheduled-work.ts';
import type { StorageMaintenance } from '../storage/storage-maintenance.ts';
import { CallHandOver } from './call-hand-over.ts';
import { CompletedCalls } from './completed-calls.ts';
import { ClusterOwnership } from './call-ownership.ts';
import { JoinedCalls } from './joined-calls.ts';
import { LostMachines } from './lost-machines.ts';
import { MachineCalls } from './machine-calls.ts';
import { Machines } from './machines.ts';
import { SharedJobs } from './shared-jobs.ts';
import { DirectoryTasks } from './tasks/directory-tasks.ts';
import { OpenTasks } from './tasks/open-tasks.ts';
import { SharedChanges } from './tasks/shared-changes.ts';

/** A machine that ends waits so long for the finalization jobs that it executes. */
const JOBS_END_WITHIN_MS = 10_000;

export interface MachineSystemOptions {
  readonly cluster: Pick<Cluster, 'machines' | 'jobs'>;
  /** The directory of this machine. */
  readonly recordings: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Of recordings, unless it is changed. */
  readonly format: AudioFormat;
}

/** The calls of this machine, as the system sees them. */
export interface OwnCalls {
  readonly calls: ProcessCalls;
  readonly maintenance: StorageMaintenance;
  /** Undefined: no account is configured. */
  readonly telephony: CallTerminator | undefined;
}

/** This machine as one of several with one telephone system: which calls it has, what it tells the others, what becomes of lost ones. */
export class MachineSystem {
  readonly shared: MachineCalls;
  readonly machines: Machines;
  readonly #options: MachineSystemOptions;
  readonly #tasks: DirectoryTasks;
  #ownership: ClusterOwnership | undefined;
  #handOver: CallHandOver | undefined;
  #lost: LostMachines | undefined;
  #jobs: SharedJobs | undefined;
  #calls: ProcessCalls | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: MachineSystemOptions) {
    const { cluster, recordings, log, clock, format } = options;
    const { directory, messages, claims, journals, follower, outage } = cluster.machines;
    const { id: machine, name } = directory.own;
    this.#options = options;
    this.machines = new Machines({ directory, messages, log, clock, format });
    const { machines } = this;
    const directories = new DataDirectory(recordings);
    const completed = new CompletedCalls(directories);
    const calls = { follower, machine, claims, journals, machines, completed };
    const own = { id: directoryId(directories), name, machine };
    const open = new OpenTasks(directories);
    const taskLog = componentLog(log, 'retention');
    const { work } = cluster.machines;
    const tasks = { tasks: work.tasks, own, open, peers: machines, outage, clock, log: taskLog };
    this.#tasks = new DirectoryTasks(tasks);
    const changes = { tasks: this.#tasks, peers: machines, claims, journals, clock, log: taskLog };
    this.shared = new MachineCalls(
      { ...calls, clock, log },
      {
        changes: new SharedChanges(changes),
        work: new ScheduledWork(work.leases, componentLog(log, 'maintenance')),
      },
    );
  }

  /** Decides about these calls. */
  own({ calls, maintenance, telephony }: OwnCalls): CallOwnership {
    const { cluster, log, clock } = this.#options;
    const { claims, journals, replication, directory, outage } = cluster.machines;
    const { registry, storage } = calls;
    const local = new JoinedCalls(calls, maintenance, journals);
    const handOver = new CallHandOver({ calls, claims, replication, log, clock });
    const { machines } = this;
    const ownership = new ClusterOwnership({ claims, machines, local, handOver, outage, log });
    this.#jobs = new SharedJobs({ cluster, machines, storage });
    this.shared.use(this.#jobs);
    this.#lost = new LostMachines({ claims, directory, ownership, registry, telephony, log });
    const lost = (callSid: string): void =>
      void handOver.lost(callSid).catch((error: unknown) => storage.failed(callSid, error));
    replication.fenced.subscribe(lost);
    directory.unsure.subscribe(
      () => void this.#restore(lost).catch((error: unknown) => outage.failed(error)),
    );
    this.#ownership = ownership;
    this.#calls = calls;
    this.#handOver = handOver;
    return ownership;
  }

  /** Shows the other machines that this one is there, and answers their requests. `desk`: the desk of this machine. */
  async start(calls: ProcessCalls, host: CallHost, desk: CallReports): Promise<void> {
    const handOver = this.#handOver;
    if (!handOver) throw new Error('the machine has no calls');
    this.machines.serve({
      host,
      calls,
      desk,
      files: calls.storage,
      tasks: this.#tasks,
      release: (callSid, hasNewStream) => handOver.release(callSid, hasNewStream),
    });
    await this.show();
    this.#jobs?.start();
  }

  /** Shows the other machines that this one is there, so that they leave its calls to it. */
  async show(): Promise<void> {
    this.#timer = setInterval(() => void this.#beat(), BEAT_EVERY_MS);
    await this.#beat();
  }

  /** Call it every quarter of a second. While this machine drains, calls go to the others between two turns. */
  tick(interest: DeskInterest): void {
    this.machines.tick(interest);
    if (this.#calls?.registry.closing) void this.#giveAway('between turns');
  }

  /** This machine ends: its calls go to the others, if there are any. */
  async handOverAll(): Promise<void> {
    await this.#giveAway('all');
  }

  /** No more finalization jobs are begun here. Resolves when those that run are done or given up. */
  async endJobs(): Promise<void> {
    await this.#jobs?.stop(JOBS_END_WITHIN_MS);
  }

  async #giveAway(which: 'all' | 'between turns'): Promise<void> {
    if (this.machines.peers.length === 0) return;
    try {
      await this.#handOver?.giveAway(which);
    } catch (error) {
      this.#options.cluster.machines.outage.failed(error);
    }
  }

  /** The calls of this machine have ended or are handed over. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#tasks.end();
    await this.#options.cluster.machines.directory.leave().catch(() => undefined);
  }

  async #beat(): Promise<void> {
    const { directory, claims, outage } = this.#options.cluster.machines;
    try {
      await directory.beat(performance.now());
      outage.worked();
      await this.#ownership?.dropUnused();
      // Calls that came while Redis did not answer.
      for (const { identity, state } of this.#calls?.registry.list() ?? [])
        if (claims.fenceOf(identity.callSid) === undefined) await this.#claimLate(identity.callSid, state);
    } catch (error) {
      outage.failed(error);
    }
    this.#lost?.tick();
    this.#tasks.tick();
  }

  async #claimLate(callSid: string, state: LiveCall['state']): Promise<void> {
    if ((await this.#ownership?.claimLate(callSid, state)) === 'elsewhere')
      await this.#handOver?.lost(callSid);
  }

  /** Claims that Redis has lost are written again; calls that other machines have taken are let go. */
  async #restore(lost: (callSid: string) => void): Promise<void> {
    const { claims } = this.#options.cluster.machines;
    await claims.restoreDone();
    for (const callSid of claims.held) if (!(await claims.isOurs(callSid))) lost(callSid);
  }
}
