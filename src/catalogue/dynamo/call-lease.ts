import { type Head, headOf } from './call-head.ts';
import type { Table } from './table.ts';

/** Heartbeat interval of a writer. */
const BEAT_EVERY_MS = 1_000;

/** Another process has taken over the lease because our heartbeat timed out. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** The right to write one call, held until `commit` with `last`, `release` or `removeHead`. One process holds it at a time. */
export class CallLease {
  readonly head: Head;
  /** The previous write may have been interrupted and have left items. */
  readonly untidy: boolean;
  readonly #table: Table;
  readonly #token: string;
  #beat = 0;
  #beatAtMs = performance.now();

  constructor(table: Table, token: string, head: Head, untidy: boolean) {
    this.#table = table;
    this.#token = token;
    this.head = head;
    this.untidy = untidy;
  }

  get seq(): number {
    return this.head.seq;
  }

  /** Sends a heartbeat if one is due. Throws `LeaseLost` if another process has taken over. */
  readonly renew = async (): Promise<void> => {
    if (performance.now() - this.#beatAtMs < BEAT_EVERY_MS) return;
    this.#beatAtMs = performance.now();
    await this.#change('SET #beat = :beat', { beat: ++this.#beat });
  };

  /** Commits the write. `last`: also releases the lease. */
  commit(fields: Readonly<Record<string, unknown>>, last: boolean): Promise<Head> {
    const entries = Object.entries(fields);
    const set = entries.filter(([, value]) => value !== undefined);
    const gone = entries.filter(([, value]) => value === undefined).map(([name]) => `#${name}`);
    const removed = [...gone, ...(last ? RELEASED : [])];
    const change = [
      ...(set.length > 0 ? [`SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')}`] : []),
      ...(removed.length > 0 ? [`REMOVE ${removed.join(', ')}`] : []),
    ].join(' ');
    return this.#change(change, Object.fromEntries(set));
  }

  async release(): Promise<void> {
    await this.commit({}, true);
  }

  /** Deletes the call's head, and the lease with it. */
  async removeHead(): Promise<void> {
    const { pk, sk } = this.head;
    await this.#table.deleteIf({ pk, sk }, '#heldBy = :token', { token: this.#token });
  }

  async #change(change: string, values: Readonly<Record<string, unknown>>): Promise<Head> {
    const { pk, sk } = this.head;
    const head = await this.#table.change({
      key: { pk, sk },
      change,
      condition: '#heldBy = :token',
      values: { ...values, token: this.#token },
    });
    if (!head) throw new LeaseLost('Another process has taken over the lease of this call.');
    return headOf(head)!;
  }
}

const RELEASED = ['#heldBy', '#beat', '#doubtful'];
