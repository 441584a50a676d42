import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CatalogueDown } from '../catalogue.ts';
import { type Head, headKey, headOf } from './call-head.ts';
import { CallWriting, WriteLost } from './call-writing.ts';
import type { Table } from './table.ts';

/** A writer without a heartbeat for this time is considered crashed. */
const DEAD_AFTER_MS = 5_000;
/** Average interval for checking whether another writer has finished. */
const LOOK_EVERY_MS = 30;
/** How long a write waits for other writes of the same call. */
const LONGEST_WAIT_MS = 20_000;
/** Attempts of a write that other processes took over. */
const TRIES = 5;

export interface RequestedWrite {
  /** List entries that the write will create, known before it creates the first. */
  readonly lists?: readonly string[];
  /** A call that does not exist is not created. */
  readonly onlyIfThere?: boolean;
}

/** The writes of calls by one process. Writes of one call are exclusive, across processes. */
export class CallWritings {
  readonly #table: Table;
  readonly #self = randomUUID();
  readonly #underWay = new Set<string>();
  readonly #last = new Map<string, Promise<unknown>>();
  #count = 0;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Undefined if the call does not exist and is required. */
  async write<T>(
    sidKey: string,
    request: RequestedWrite,
    work: (writing: CallWriting) => Promise<T>,
  ): Promise<T | undefined> {
    const before = this.#last.get(sidKey) ?? Promise.resolve();
    const own = before.then(() => this.#tried(sidKey, request, work));
    const settled = own.catch(() => undefined);
    this.#last.set(sidKey, settled);
    try {
      return await own;
    } finally {
      if (this.#last.get(sidKey) === settled) this.#last.delete(sidKey);
    }
  }

  async #tried<T>(
    sidKey: string,
    request: RequestedWrite,
    work: (writing: CallWriting) => Promise<T>,
  ): Promise<T | undefined> {
    for (let tries = 1; ; tries++) {
      const token = `${this.#self}.${++this.#count}`;
      this.#underWay.add(token);
      try {
        const writing = await this.#begun(sidKey, token, request);
        return writing && (await work(writing));
      } catch (error) {
        if (!(error instanceof WriteLost)) throw error;
        if (tries >= TRIES) throw new CatalogueDown('Others write this call again and again.');
      } finally {
        this.#underWay.delete(token);
      }
    }
  }

  async #begun(
    sidKey: string,
    token: string,
    { lists = [], onlyIfThere }: RequestedWrite,
  ): Promise<CallWriting | undefined> {
    const until = performance.now() + LONGEST_WAIT_MS;
    const watch = new Watch();
    let dead: Head | undefined;
    for (;;) {
      const doubtful = [...new Set([...(dead?.doubtful ?? []), ...lists])];
      const taken = await this.#take(sidKey, token, doubtful, onlyIfThere, dead);
      if (taken) return new CallWriting(this.#table, token, taken, dead !== undefined);
      const head = headOf(await this.#table.get(headKey(sidKey)));
      // The server executed our request, but its answer was lost.
      if (head?.heldBy === token) return new CallWriting(this.#table, token, head, true);
      if (onlyIfThere && head?.state === undefined) return undefined;
      dead = head?.heldBy !== undefined && this.#isDead(head, watch) ? head : undefined;
      if (dead || head?.heldBy === undefined) continue;
      if (performance.now() > until) throw new CatalogueDown('Another process goes on writing this call.');
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
    if (heldBy.startsWith(`${this.#self}.`)) return !this.#underWay.has(heldBy);
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
