import { needsReindex, reindexIfNeeded, type ReindexOptions } from '../catalogue/reindex.ts';
import type { Log } from '../log.ts';
import { type BulkErasureOptions, eraseByAge } from '../retention/bulk-erasure.ts';
import type { CallEraser } from '../retention/call-eraser.ts';

const DAY_MS = 86_400_000;

export interface MaintenanceJobsOptions {
  readonly eraser: CallEraser;
  /** Absent where there is no catalogue. */
  readonly erasures?: BulkErasureOptions;
  readonly reindexing?: ReindexOptions;
  /** 0: for ever. */
  readonly retentionDays: number;
  readonly log: Log;
  readonly now: () => number;
}

/** What a server does with past calls by itself. Nothing here throws: what fails is tried again the next time. */
export class MaintenanceJobs {
  readonly #parts: MaintenanceJobsOptions;
  readonly #underWay = new Set<string>();
  /** Whether it is known that the catalogue lacks nothing, or it is being filled. */
  #filled = true;

  constructor(parts: MaintenanceJobsOptions) {
    this.#parts = parts;
  }

  /**
   * A catalogue that lacks calls is made from the files; resolves when it is known whether it has to be. Where that cannot be
   * known, or is interrupted, it is asked again with the next call of `goOn`.
   */
  async fillCatalogue(): Promise<void> {
    const { reindexing, log } = this.#parts;
    if (!reindexing) return;
    this.#filled = true;
    const again = (error: unknown): void => {
      this.#filled = false;
      log.warn({ err: error }, 'whether the catalogue knows all calls is looked at again later');
    };
    const isWanted = await needsReindex(reindexing).catch(again);
    if (isWanted) void reindexIfNeeded(reindexing, log).catch(again);
  }

  /** Goes on with what was begun: erasing calls, and filling a catalogue that was down. */
  async goOn(): Promise<void> {
    if (!this.#filled) await this.fillCatalogue();
    await this.#once('erasing what was begun', () => this.#parts.eraser.goOn());
  }

  /** Removes calls that are kept no longer. */
  removeOld(): Promise<void> {
    const { retentionDays: days, erasures, now, log } = this.#parts;
    if (days === 0 || !erasures) return Promise.resolve();
    return this.#once('removing calls that are kept no longer', async () => {
      const { calls } = await eraseByAge(erasures, now() - days * DAY_MS);
      const underWay = calls.filter(({ left }) => left).length;
      const figures = { days, removed: calls.length - underWay, underWay };
      if (calls.length > 0) log.info(figures, 'calls that are kept no longer were removed');
    });
  }

  /** Not beside itself. */
  async #once(doing: string, work: () => Promise<void>): Promise<void> {
    if (this.#underWay.has(doing)) return;
    this.#underWay.add(doing);
    try {
      await work();
    } catch (error) {
      this.#parts.log.warn({ doing, err: error }, 'past calls are looked after again later');
    } finally {
      this.#underWay.delete(doing);
    }
  }
}
