import type { ReplicationFigures } from './journal-follower.ts';

/** A machine that fails loses more of its calls than promised if their journals wait longer than this. */
const LATE_MS = 1_000;

/** Reports once when the copies of journals are late, and once when they are complete again. */
export class ReplicationHealth {
  #raised = false;

  /** Whether they are late. */
  get isRaised(): boolean {
    return this.#raised;
  }

  /** To be called often. */
  check({ lagMs }: ReplicationFigures): 'raised' | 'over' | undefined {
    // Half of the limit ends it, so that a slow connection is not reported again and again.
    const isLate = lagMs > (this.#raised ? LATE_MS / 2 : LATE_MS);
    if (isLate === this.#raised) return undefined;
    this.#raised = isLate;
    return isLate ? 'raised' : 'over';
  }
}
