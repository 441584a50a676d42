/** The right to do a job for the whole system, until it is released or lost. */
export interface WorkLease {
  /** Larger than that of every earlier holder. */
  readonly fence: number;
  /** Aborted when another machine may have the lease: the work stops at its next step. */
  readonly lost: AbortSignal;
  /** Another machine may do the job. */
  release(): Promise<void>;
}

/** A job is done by another machine. `holder`: its name. */
export interface BusyLease {
  readonly holder: string;
}

/** Leases of jobs, each with one holder at a time. */
export interface WorkLeases {
  /** Rejects if it is not known whether another machine has the lease. */
  acquire(job: string): Promise<WorkLease | BusyLease>;
}

const OWN = 'this machine';

/** Leases of a machine that is alone. */
export class EmbeddedLeases implements WorkLeases {
  readonly #held = new Set<string>();
  #fence = 0;

  acquire(job: string): Promise<WorkLease | BusyLease> {
    if (this.#held.has(job)) return Promise.resolve({ holder: OWN });
    this.#held.add(job);
    let isHeld = true;
    const release = (): Promise<void> => {
      if (isHeld) this.#held.delete(job);
      isHeld = false;
      return Promise.resolve();
    };
    return Promise.resolve({ fence: (this.#fence += 1), lost: new AbortController().signal, release });
  }
}
