import { errorText } from '../storage/file-system-errors.ts';

/** What offhook needs besides the services of the assistant. */
export type Dependency = 'database' | 'journal replication' | 'telephony' | 'object store' | 'uploads';

/** A dependency whose last request failed. */
export interface Outage {
  readonly service: Dependency;
  /** ISO 8601: the first failure after the last success. */
  readonly since: string;
  readonly cause: string;
}

/** Remembers which dependencies fail, since when and why. */
export class Outages {
  readonly #now: () => number;
  readonly #failing = new Map<Dependency, { readonly sinceMs: number; readonly cause: string }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get failing(): Outage[] {
    return [...this.#failing].map(([service, { sinceMs, cause }]) => ({
      service,
      since: new Date(sinceMs).toISOString(),
      cause,
    }));
  }

  /** A sentence for each of them. */
  get problems(): string[] {
    return this.failing.map(({ service, since, cause }) => `${service}: ${cause} (since ${since})`);
  }

  /** Returns whether it worked before. */
  failed(service: Dependency, error: unknown): boolean {
    const known = this.#failing.get(service);
    this.#failing.set(service, { sinceMs: known?.sinceMs ?? this.#now(), cause: errorText(error) });
    return known === undefined;
  }

  /** Returns whether it failed before. */
  succeeded(service: Dependency): boolean {
    return this.#failing.delete(service);
  }
}
