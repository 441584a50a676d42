import { errorText } from '../storage/file-system-errors.ts';
import { CatalogueDown } from './catalogue.ts';

/** The maximum number of requests that are running or waiting for a connection. */
const MOST_REQUESTS = 1_000;

export interface RequestGateOptions {
  /** Prepares the database for the first request. After a failure the next request retries. */
  readonly open: () => Promise<void>;
  /** Whether an error means that the database is unavailable. */
  readonly isDown: (error: unknown) => boolean;
}

/** Gate for catalogue requests: bounds their number, opens the database first, rejects requests after close. */
export class RequestGate {
  readonly #options: RequestGateOptions;
  readonly #running = new Set<Promise<unknown>>();
  #opened: Promise<void> | undefined;
  #ended = false;

  constructor(options: RequestGateOptions) {
    this.#options = options;
  }

  async answer<T>(work: () => Promise<T>): Promise<T> {
    if (this.#ended) throw new CatalogueDown('The catalogue is closed.');
    if (this.#running.size >= MOST_REQUESTS)
      throw new CatalogueDown(`The catalogue has ${MOST_REQUESTS} pending requests and accepts no more.`);
    const answer = this.#answer(work);
    this.#running.add(answer);
    try {
      return await answer;
    } finally {
      this.#running.delete(answer);
    }
  }

  /** Marks the database as not opened: the next request reopens it. */
  reopen(): void {
    this.#opened = undefined;
  }

  /** Resolves when all pending requests are answered. Returns false if already closed. */
  async end(): Promise<boolean> {
    if (this.#ended) return false;
    this.#ended = true;
    await Promise.allSettled(this.#running);
    return true;
  }

  async #answer<T>(work: () => Promise<T>): Promise<T> {
    try {
      await this.#ready();
      return await work();
    } catch (error) {
      throw this.#options.isDown(error) ? downBecause(error) : error;
    }
  }

  async #ready(): Promise<void> {
    this.#opened ??= this.#options.open();
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
  const reason = errorText(cause) || (cause as Error).name;
  return new CatalogueDown(`The catalogue's database does not answer: ${reason}`, { cause });
}
