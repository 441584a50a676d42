import type { CallEvent } from './call-events.ts';

/** A call's journal while its files are being written. */
export interface OpenJournal {
  readonly path: string;
  append(event: CallEvent): void;
  /** Resolves when every appended event is on disk; rejects if the disk refuses it. */
  written(): Promise<void>;
  /** Closes the file until the next append: a call may wait for its texts for days. */
  closeFileWhenWritten(): void;
  /**
   * Ends the use of the journal. `removed` deletes it; `kept` keeps it for replay; `pending` leaves it to the next process;
   * `waiting` leaves it to the first process that has a service for the missing texts; `outdated`: another machine has gone on with the
   * call.
   */
  close(end: 'removed' | 'kept' | 'orphaned' | 'pending' | 'outdated'): Promise<void>;
}
