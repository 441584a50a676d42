import { CatalogueDown } from './catalogue.ts';

/** So many requests may be under way or wait for a connection. */
const MOST_REQUESTS = 1_000;

export interface RequestGateOptions {
  /** Makes the database ready for the first request; tried again by the next where it fails. */
  readonly open: () => Promise<void>;
  /** Whether an error says that the database cannot be had now. */
  readonly isDown: (error: unknown) => boolean;
}

/** What a catalogue is asked: a bounded number of requests, each when the database is ready, none after the end. */
export class RequestGate {
  readonly #parts: RequestGateOptions;
  readonly #underWay = new Set<Promise<unknown>>();
  #opened: Promise<void> | undefined;
  #ended = false;

  constructor(parts: RequestGateOptions) {
    this.#parts = parts;
  }

  async answer<T>(work: () => Promise<T>): Promise<T> {
    if (this.#ended) throw new CatalogueDown('The catalogue is closed.');
    if (this.#underWay.size >= MOST_REQUESTS)
      throw new CatalogueDown(`The catalogue has ${MOST_REQUESTS} requests to answer; it takes no more.`);
    const answer = this.#answer(work);
    this.#underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(answer);
    }
  }

  /** The database is not as it was: the next request opens it again. */
  reopen(): void {
    this.#opened = undefined;
  }

  /** Resolves when what was asked before is answered; false where that was the end already. */
  async end(): Promise<boolean> {
    if (this.#ended) return false;
    this.#ended = true;
    await Promise.allSettled(this.#underWay);
    return true;
  }

  async #answer<T>(work: () => Promise<T>): Promise<T> {
    try {
      await this.#ready();
      return await work();
    } catch (error) {
      throw this.#parts.isDown(error) ? downBecause(error) : error;
    }
  }

  async #ready(): Promise<void> {
    this.#opened ??= this.#parts.open();
    try {
      await this.#opened;
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
  }
}

function downBecause(cause: unknown): CatalogueDown {
  if (cause instanceof CatalogueDown) return cause;
  const { code, message, name } = cause as NodeJS.ErrnoException;
  const reason = message || code || name;
  return new CatalogueDown(`The catalogue's database does not answer: ${reason}`, { cause });
}
