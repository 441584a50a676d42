import type { JournalFollower, ReplicationFigures } from '../../journal/journal-follower.ts';
import { JournalHealth } from '../../journal/journal-health.ts';
import { ReplicationHealth } from '../../journal/replication-health.ts';
import { componentLog } from '../../log.ts';
import { DiskError } from '../../storage/failure-kind.ts';
import type { CallStorage } from './call-storage.ts';
import { Schedule } from './schedule.ts';

/** How often new events are given to the writer thread. A killed process loses at most the audio of two intervals. */
const FLUSH_EVERY_MS = 100;
/** How often journals are synced to disk. A power loss loses at most the audio of this time in addition. */
const SYNC_EVERY_MS = 500;
/** How often changes of live calls are written to the catalogue. */
const INDEX_EVERY_MS = 250;
/** How often a step of encoding live calls is begun. */
const ENCODE_EVERY_MS = 500;
/** At the end of the process the last events of calls that are not finished may take this long to be on disk. */
const LAST_EVENTS_WITHIN_MS = 5_000;

/** Starts and stops the storage of calls: process lease, journal threads, periodic writes. */
export class StorageLifecycle {
  readonly #storage: CallStorage;
  readonly #schedule = new Schedule();
  readonly #health = new JournalHealth();
  readonly #replicationHealth = new ReplicationHealth();

  constructor(storage: CallStorage) {
    this.#storage = storage;
  }

  /** Takes the process lease, by which other processes see that this one is alive, and starts the periodic writes. */
  async start(): Promise<void> {
    const { lease, journals, index, encoding, options } = this.#storage;
    const follower = options.shared?.follower;
    await Promise.all([lease.begin(), journals.begin(), follower?.start()]);
    this.#schedule.every(FLUSH_EVERY_MS, () => {
      journals.flush();
      this.#checkJournals();
      if (follower) this.#checkReplication(follower);
    });
    this.#schedule.every(SYNC_EVERY_MS, () => journals.sync());
    this.#schedule.every(ENCODE_EVERY_MS, () => void encoding.tick());
    if (index) this.#schedule.every(INDEX_EVERY_MS, () => index.tick(options.clock.now()));
  }

  /** Resolves when everything is closed. Finalizations in progress get a short time to complete; the next start continues the rest. */
  async stop(): Promise<void> {
    const { finalizer, uploads, index, worker, journals, lease, options } = this.#storage;
    await finalizer.stop();
    await uploads?.stop();
    await index?.end();
    await options.catalogue?.close();
    options.store?.close();
    await this.#writeJournals();
    this.#schedule.stop();
    await Promise.all([worker.end(), journals.end(), options.shared?.follower.stop()]);
    lease.end();
  }

  /** A call whose files wait for Redis has ended in memory alone: the next start completes it from its journal. */
  async #writeJournals(): Promise<void> {
    const { journals, options } = this.#storage;
    const written = new AbortController();
    const tooLate = options.clock.sleep(LAST_EVENTS_WITHIN_MS, written.signal).then(() => {
      if (!written.signal.aborted) throw new DiskError('the disk is slow');
    });
    try {
      await Promise.race([journals.allWritten(), tooLate]);
    } catch (error) {
      const log = componentLog(options.log, 'journal');
      log.error({ ...journals.figures, err: error }, 'the last events of live calls are not on disk');
    } finally {
      written.abort();
    }
  }

  #checkJournals(): void {
    const { journals, options } = this.#storage;
    const { figures } = journals;
    const news = this.#health.check(figures);
    if (news === undefined) return;
    const log = componentLog(options.log, 'journal');
    if (news === 'raised') log.error(figures, 'journal writes are too slow or fail');
    else log.info(figures, 'journal writes have recovered');
  }

  #checkReplication({ figures }: JournalFollower): void {
    const { outages, options } = this.#storage;
    const news = this.#replicationHealth.check(figures);
    if (news === undefined) {
      // The cause may be known later, and may change.
      if (this.#replicationHealth.isRaised) outages.failed('journal replication', causeOf(figures));
      return;
    }
    const log = componentLog(options.log, 'replication');
    if (news === 'raised') {
      outages.failed('journal replication', causeOf(figures));
      log.error(
        figures,
        'journals of live calls are not replicated: other machines could not continue the calls',
      );
    } else {
      outages.succeeded('journal replication');
      log.info(figures, 'no journal of a live call is late any more');
    }
  }
}

function causeOf({ error, lagMs }: ReplicationFigures): string {
  return error ?? `Redis is slow: journals are ${Math.round(lagMs / 1_000)} s late`;
}
