import type { Log } from '../../log.ts';

/** Reasons are constant texts; the bound holds if one of them ever is not. */
const MAX_REASONS = 20;

/** Counts messages of a server that could not be used; logs each kind once per process. */
export class IgnoredMessages {
  readonly #log: Log | undefined;
  readonly #server: string;
  readonly #counts = new Map<string, number>();

  constructor(log: Log | undefined, server: string) {
    this.#log = log;
    this.#server = server;
  }

  /** By kind. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  add(reason: string): void {
    const count = this.#counts.get(reason) ?? 0;
    if (count === 0 && this.#counts.size >= MAX_REASONS) return;
    this.#counts.set(reason, count + 1);
    if (count === 0)
      this.#log?.warn({ service: 'speech', server: this.#server, reason }, 'Realtime message is ignored');
  }
}
