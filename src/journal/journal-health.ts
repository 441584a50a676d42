import type { JournalFigures } from './journal-store.ts';

/** If writes take longer, a killed process loses more than promised. */
const SLOW_MS = 1_000;

/** Reports once when journal writes are too slow or fail, and once when they have recovered. */
export class JournalHealth {
  #raised = false;
  #lostEvents = 0;

  /** To be called with the figures of each round. */
  check(figures: JournalFigures): 'raised' | 'over' | undefined {
    const losing = figures.lostEvents > this.#lostEvents;
    this.#lostEvents = figures.lostEvents;
    const trouble = losing || figures.error !== undefined || figures.writeLagMs > SLOW_MS;
    if (trouble === this.#raised) return undefined;
    this.#raised = trouble;
    return trouble ? 'raised' : 'over';
  }
}
