import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { allPages } from '../../catalogue/all-pages.ts';
import { type Catalogue, CatalogueDown, LARGEST_PAGE } from '../../catalogue/catalogue.ts';
import type { MicrophoneEntry, MicrophoneRecording } from '../../catalogue/microphone-entry.ts';
import type { Log } from '../../log.ts';
import type { MicrophoneRecordings, SavedRecording } from './recording-folder.ts';
import { documentWithoutText } from './transcript-document.ts';

/**
 * Synchronises the catalogue's list of microphone recordings with the directory, in the background. Missed changes, because the
 * catalogue was down or a file was added by other means, are made up for at the next start.
 */
export class MicrophoneCatalogueSync {
  readonly #folder: MicrophoneRecordings;
  readonly #catalogue: Catalogue;
  readonly #log: Log;
  readonly #language: string;
  #work: Promise<void> = Promise.resolve();

  /** `language`: of texts that say nothing about it. */
  constructor(options: {
    readonly folder: MicrophoneRecordings;
    readonly catalogue: Catalogue;
    readonly language: string;
    readonly log: Log;
  }) {
    this.#folder = options.folder;
    this.#catalogue = options.catalogue;
    this.#language = options.language;
    this.#log = options.log;
  }

  kept(recording: SavedRecording): void {
    this.#do(() => this.#enter(recording));
  }

  removed(name: string): void {
    this.#do(async () => void (await this.#catalogue.removeMicrophone(name)));
  }

  /** Compares the whole list with the directory, without reading the words of each entry. */
  compare(): void {
    this.#do(async () => {
      const known = new Map((await this.#listed()).map((one) => [one.name, one]));
      for (const recording of await this.#folder.list()) {
        const before = known.get(recording.name);
        known.delete(recording.name);
        const isSame =
          before?.sizeBytes === recording.sizeBytes &&
          before.wordsSha256 === (await this.#wordsOf(recording.name)).wordsSha256;
        if (!isSame) await this.#enter(recording);
      }
      for (const name of known.keys()) await this.#catalogue.removeMicrophone(name);
    });
  }

  /** Enters all recordings from their files. `prune`: removes entries of recordings that are not in this directory. */
  async rebuild(prune: boolean): Promise<RebuiltRecordings> {
    const failed: string[] = [];
    const recordings = await this.#folder.list();
    for (const recording of recordings)
      await this.#enter(recording).catch((error: unknown) => {
        if (error instanceof CatalogueDown) throw error;
        failed.push(recording.name);
      });
    const names = new Set(recordings.map(({ name }) => name));
    const foreign = prune ? (await this.#listed()).filter(({ name }) => !names.has(name)) : [];
    for (const { name } of foreign) await this.#catalogue.removeMicrophone(name);
    return { entered: recordings.length - failed.length, removed: foreign.length, failed };
  }

  /** Resolves when all pending updates are done or have failed. */
  async idle(): Promise<void> {
    await this.#work;
  }

  async #enter({ name }: SavedRecording): Promise<void> {
    const file = await this.#folder.pathOf(name);
    const recording = await this.#folder.find(name);
    if (file === undefined || !recording) return;
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    const { createdAtMs, sizeBytes, durationMs } = recording;
    const facts = { name, createdAtMs, sizeBytes, durationMs, sha256: hash.digest('hex') };
    await this.#catalogue.putMicrophone({ ...facts, format: 'wav', ...(await this.#wordsOf(name)) });
  }

  async #wordsOf(name: string): Promise<Words> {
    const document = await this.#folder.transcriptDocument(name, this.#language);
    const { missing: _, ...words } = document ?? NO_WORDS;
    return { ...words, wordsSha256: createHash('sha256').update(JSON.stringify(words)).digest('hex') };
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

type Words = Pick<MicrophoneEntry, 'transcription' | 'language' | 'keywords' | 'utterances' | 'wordsSha256'>;

const NO_WORDS = documentWithoutText('none');

/** What a rebuild has done. `failed`: names of recordings that could not be read or entered. */
export interface RebuiltRecordings {
  readonly entered: number;
  readonly removed: number;
  readonly failed: readonly string[];
}
