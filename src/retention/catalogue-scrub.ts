import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Log } from '../log.ts';
import type { DataDirectory } from '../storage/data-directory.ts';

/** Overwrites removed rows in the database's files. A marker file makes the next start repeat an interrupted scrub. */
export class CatalogueScrub {
  readonly #marker: string;
  readonly #catalogue: Pick<Catalogue, 'scrub'> | undefined;
  readonly #log: Log;

  constructor(
    directories: Pick<DataDirectory, 'erasing'>,
    catalogue: Pick<Catalogue, 'scrub'> | undefined,
    log: Log,
  ) {
    this.#marker = path.join(directories.erasing, 'to-scrub');
    this.#catalogue = catalogue;
    this.#log = log;
  }

  /** To be called before an entry is removed. */
  request(): void {
    writeFileSync(this.#marker, '');
  }

  /** Never rejects: what fails is repeated with the next call. */
  async run(): Promise<void> {
    if (!existsSync(this.#marker)) return;
    try {
      const isClean = (await this.#catalogue?.scrub?.()) ?? true;
      if (isClean) rmSync(this.#marker, { force: true });
      else this.#log.info('database scrub deferred: the database is being read');
    } catch (error) {
      this.#log.warn({ err: error }, 'database scrub failed; will retry');
    }
  }
}
