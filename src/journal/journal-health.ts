import type { JournalFigures } from './journal-store.ts';

/** A kill costs more than was promised when the disk is slower than this. */
const SLOW_MS = 1_000;

/** Says once when the disk no longer keeps up with the journals, and once when it does again. */
export class JournalHealth {
  #raised = false;
  #lostEvents = 0;

  /** To be shown the figures every round. */
  look(figures: JournalFigures): 'raised' | 'over' | undefined {
    const losing = figures.lostEvents > this.#lostEvents;
    this.#lostEvents = figures.lostEvents;
    const trouble = losing || figures.error !== undefined || figures.writeLagMs > SLOW_MS;
    if (trouble === this.#raised) return undefined;
    this.#raised = trouble;
    return trouble ? 'raised' : 'over';
  }
}
