import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CatalogueDown } from '../catalogue.ts';
import { type Head, headKey, headOf } from './call-head.ts';
import { CallLease, LeaseLost } from './call-lease.ts';
import type { Table } from './table.ts';

/** A writer without a heartbeat for this time is considered crashed. */
const DEAD_AFTER_MS = 5_000;
/** Average interval for checking whether another writer has finished. */
const LOOK_EVERY_MS = 30;
/** How long a write waits for other writes of the same call. */
const LONGEST_WAIT_MS = 20_000;
/** Attempts of a write that other processes took over. */
const TRIES = 5;

export interface LeaseRequest {
  /** List entries that the write will create, known before it creates the first. */
  readonly lists?: readonly string[];
  /** A call that does not exist is not created. */
  readonly onlyIfThere?: boolean;
}

/** The leases that this process requests. A call has one writer at a time, across processes. */
export class CallLeases {
  readonly #table: Table;
  readonly #self = randomUUID();
  readonly #active = new Set<string>();
  readonly #last = new Map<string, Promise<unknown>>();
  #count = 0;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Runs `work` while holding the call's lease, again if the lease is lost. Undefined if the call must exist and does not. */
  async withLease<T>(
    sidKey: string,
    request: LeaseRequest,
    work: (lease: CallLease) => Promise<T>,
  ): Promise<T | undefined> {
    const before = this.#last.get(sidKey) ?? Promise.resolve();
    const own = before.then(() => this.#retried(sidKey, request, work));
    const finished = own.catch(() => undefined);
    this.#last.set(sidKey, finished);
    try {
      return await own;
    } finally {
      if (this.#last.get(sidKey) === finished) this.#last.delete(sidKey);
    }
  }

  async #retried<T>(
    sidKey: string,
    request: LeaseRequest,
    work: (lease: CallLease) => Promise<T>,
  ): Promise<T | undefined> {
    for (let tries = 1; ; tries++) {
      const token = `${this.#self}.${++this.#count}`;
      this.#active.add(token);
      try {
        const lease = await this.#acquired(sidKey, token, request);
        return lease && (await work(lease));
      } catch (error) {
        if (!(error instanceof LeaseLost)) throw error;
        if (tries >= TRIES)
          throw new CatalogueDown('Other processes keep taking over the lease of this call.');
      } finally {
        this.#active.delete(token);
      }
    }
  }

  async #acquired(
    sidKey: string,
    token: string,
    { lists = [], onlyIfThere }: LeaseRequest,
  ): Promise<CallLease | undefined> {
    const until = performance.now() + LONGEST_WAIT_MS;
    const watch = new Watch();
    let dead: Head | undefined;
    for (;;) {
      const doubtful = [...new Set([...(dead?.doubtful ?? []), ...lists])];
      const taken = await this.#take(sidKey, token, doubtful, onlyIfThere, dead);
      if (taken) return new CallLease(this.#table, token, taken, dead !== undefined);
      const head = headOf(await this.#table.get(headKey(sidKey)));
      // The server executed our request, but its answer was lost.
      if (head?.heldBy === token) return new CallLease(this.#table, token, head, true);
      if (onlyIfThere && head?.state === undefined) return undefined;
      dead = head?.heldBy !== undefined && this.#isDead(head, watch) ? head : undefined;
      if (dead || head?.heldBy === undefined) continue;
      if (performance.now() > until) throw new CatalogueDown('Another process keeps the lease of this call.');
      await delay(LOOK_EVERY_MS * (0.5 + Math.random()));
    }
  }

  #take(
    sidKey: string,
    token: string,
    doubtful: readonly string[],
    onlyIfThere: boolean | undefined,
    dead: Head | undefined,
  ): Promise<Head | undefined> {
    const free = dead ? '#heldBy = :dead AND #beat = :deadBeat' : 'attribute_not_exists(#heldBy)';
    return this.#table
      .change({
        key: headKey(sidKey),
        change:
          'SET #seq = if_not_exists(#seq, :first) + :one, #heldBy = :token, #beat = :zero, #doubtful = :doubtful',
        condition: onlyIfThere ? `${free} AND attribute_exists(#state)` : free,
        values: {
          first: Date.now(),
          one: 1,
          token,
          zero: 0,
          doubtful,
          ...(dead && { dead: dead.heldBy, deadBeat: dead.beat }),
        },
      })
      .then(headOf);
  }

  #isDead({ heldBy = '', beat = 0 }: Head, watch: Watch): boolean {
    if (heldBy.startsWith(`${this.#self}.`)) return !this.#active.has(heldBy);
    return watch.unchangedMs(`${heldBy} ${beat}`) > DEAD_AFTER_MS;
  }
}

/** How long a value has been unchanged. */
class Watch {
  #what = '';
  #sinceMs = 0;

  unchangedMs(what: string): number {
    if (what !== this.#what) [this.#what, this.#sinceMs] = [what, performance.now()];
    return performance.now() - this.#sinceMs;
  }
}
