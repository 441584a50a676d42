import type { Log } from '../../log.ts';
import type { WorkLease, WorkLeases } from '../../storage/work-lease.ts';

const JOB = 'scheduled work';

/**
 * Whether this machine does what is done once for all machines: it keeps the lease as long as it runs, and another machine takes it over
 * after that.
 */
export class ScheduledWork {
  readonly leases: WorkLeases;
  readonly #log: Log | undefined;
  #lease: WorkLease | undefined;
  #holder: string | undefined;
  #isAsking = false;
  #isEnded = false;

  /** `log`: is told who does the work; absent: this machine is alone. */
  constructor(leases: WorkLeases, log?: Log) {
    this.leases = leases;
    this.#log = log;
  }

  /** Undefined: another machine does the work, or it is not known. */
  get lease(): WorkLease | undefined {
    return this.#lease?.lost.aborted ? undefined : this.#lease;
  }

  /** The machine that does the work; undefined: not known. */
  get holder(): string | undefined {
    return this.lease ? 'this machine' : this.#holder;
  }

  /** Asks for the lease if this machine does not have it. True: it has it from now on. Never rejects: Redis is reported by the leases. */
  async tick(): Promise<boolean> {
    if (this.lease || this.#isAsking || this.#isEnded) return false;
    if (this.#lease)
      this.#log?.warn({}, 'this machine does not do the scheduled work any more: it lost the lease');
    this.#lease = undefined;
    this.#isAsking = true;
    try {
      return this.#take(await this.leases.acquire(JOB));
    } catch {
      this.#holder = undefined;
      return false;
    } finally {
      this.#isAsking = false;
    }
  }

  #take(answer: Awaited<ReturnType<WorkLeases['acquire']>>): boolean {
    if ('holder' in answer) {
      if (answer.holder !== this.#holder)
        this.#log?.info({ machine: answer.holder }, 'another machine does the scheduled work');
      this.#holder = answer.holder;
      return false;
    }
    this.#lease = answer;
    this.#holder = undefined;
    this.#log?.info({ fence: answer.fence }, 'this machine does the scheduled work');
    return true;
  }

  /** Another machine may do the work. */
  async end(): Promise<void> {
    this.#isEnded = true;
    await this.#lease?.release();
    this.#lease = undefined;
  }
}
