import type { Log } from '../../log.ts';
import type { ServiceName } from '../server/service-failure.ts';

/** Reasons are constant texts; the bound holds if one of them ever is not. */
const MAX_REASONS = 20;

/** Counts messages of a server that could not be used; logs each kind once per process. */
export class IgnoredMessages {
  readonly #log: Log | undefined;
  readonly #source: { readonly service: ServiceName; readonly server: string };
  readonly #counts = new Map<string, number>();

  constructor(log: Log | undefined, source: { readonly service: ServiceName; readonly server: string }) {
    this.#log = log;
    this.#source = source;
  }

  /** By kind. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  add(reason: string): void {
    const count = this.#counts.get(reason) ?? 0;
    if (count === 0 && this.#counts.size >= MAX_REASONS) return;
    this.#counts.set(reason, count + 1);
    const { service, server } = this.#source;
    if (count === 0) this.#log?.warn({ service, server, reason }, 'Realtime message is ignored');
  }
}
