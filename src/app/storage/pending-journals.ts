import type { Services } from '../../call/ports.ts';
import type { Clock } from '../../events/clock.ts';
import type { DataDirectory, JournalFile } from '../../storage/data-directory.ts';

const DAY_MS = 86_400_000;

export interface PendingJournalsOptions {
  readonly directories: DataDirectory;
  readonly services: Services;
  readonly pendingDays: number;
  readonly clock: Pick<Clock, 'now'>;
}

/** Journals of ended calls that lack texts or files, and which of them are worth another attempt. */
export class PendingJournals {
  readonly #options: PendingJournalsOptions;

  constructor(options: PendingJournalsOptions) {
    this.#options = options;
  }

  /** Journals whose missing texts a configured service can provide, or that have waited for PENDING_DAYS. */
  due(): JournalFile[] {
    const { directories, services, pendingDays, clock } = this.#options;
    const waiting = directories
      .pendingJournals()
      .filter(({ callSid }) => !directories.unwritten.has(callSid));
    if (services.transcriber) return waiting;
    const tooOldMs = clock.now() - pendingDays * DAY_MS;
    return waiting.filter((found) => (directories.writtenAtMs(found) ?? Infinity) < tooOldMs);
  }

  /** Journals of calls whose files could not be written. They are retried once at each start. */
  unwritten(): JournalFile[] {
    const { directories } = this.#options;
    return directories.pendingJournals().filter(({ callSid }) => directories.unwritten.has(callSid));
  }
}
