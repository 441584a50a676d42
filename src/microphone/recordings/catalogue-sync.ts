import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { allPages } from '../../catalogue/all-pages.ts';
import { type Catalogue, LARGEST_PAGE, type MicrophoneRecording } from '../../catalogue/catalogue.ts';
import type { Log } from '../../log.ts';
import type { MicrophoneRecordings, SavedRecording } from './recording-folder.ts';

/**
 * Synchronises the catalogue's list of microphone recordings with the directory, in the background. Missed changes, because the
 * catalogue was down or a file was added by other means, are made up for at the next start.
 */
export class MicrophoneCatalogueSync {
  readonly #folder: MicrophoneRecordings;
  readonly #catalogue: Catalogue;
  readonly #log: Log;
  #work: Promise<void> = Promise.resolve();

  constructor(options: { folder: MicrophoneRecordings; catalogue: Catalogue; log: Log }) {
    this.#folder = options.folder;
    this.#catalogue = options.catalogue;
    this.#log = options.log;
  }

  kept(recording: SavedRecording): void {
    this.#do(() => this.#enter(recording));
  }

  removed(name: string): void {
    this.#do(async () => void (await this.#catalogue.removeMicrophone(name)));
  }

  /** Compares the whole list with the directory. */
  compare(): void {
    this.#do(async () => {
      const known = new Map((await this.#listed()).map((one) => [one.name, one]));
      for (const recording of await this.#folder.list()) {
        const before = known.get(recording.name);
        known.delete(recording.name);
        if (before?.sizeBytes !== recording.sizeBytes) await this.#enter(recording);
      }
      for (const name of known.keys()) await this.#catalogue.removeMicrophone(name);
    });
  }

  /** Resolves when all pending updates are done or have failed. */
  async idle(): Promise<void> {
    await this.#work;
  }

  async #enter({ transcript: _, ...recording }: SavedRecording): Promise<void> {
    const file = await this.#folder.pathOf(recording.name);
    if (file === undefined) return;
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    await this.#catalogue.putMicrophone({ ...recording, sha256: hash.digest('hex') });
  }

  async #listed(): Promise<MicrophoneRecording[]> {
    const all: MicrophoneRecording[] = [];
    const pages = allPages((cursor) => this.#catalogue.listMicrophone({ limit: LARGEST_PAGE, cursor }));
    for await (const { items } of pages) all.push(...items);
    return all;
  }

  /** Runs updates one after the other. */
  #do(work: () => Promise<void>): void {
    this.#work = this.#work
      .then(work)
      .catch((error: unknown) =>
        this.#log.warn(
          { err: error },
          'failed to synchronise the catalogue with the microphone recordings; will retry at the next start',
        ),
      );
  }
}
