import type { CatalogueEntry, Hold, Note, UnannotatedCall } from '../../records/call-entry.ts';
import type { TranscriptTurn } from '../../records/text/transcript.ts';
import { entryItem } from './call-entries.ts';
import { separateTextKeys, callsOf, type Head, headKey } from './call-head.ts';
import { markOld, sweep, unlist } from './call-sweep.ts';
import type { CallLease } from './call-lease.ts';
import { CallLeases } from './call-leases.ts';
import { inParallel } from './in-parallel.ts';
import { listsOf, nameKey, placeKey } from './keys.ts';
import { type LongText, longText } from './long-text.ts';
import { currentItems, type TurnItem, turnItems, turnsOf, type WrittenTurns } from './search/turn-items.ts';
import type { Item, Table } from './table.ts';

const TURNS_AT_ONCE = 8;

/** The changes that a write makes to a call; absent fields stay unchanged. */
interface CallChanges {
  readonly told?: UnannotatedCall;
  readonly notes?: readonly Note[];
  readonly hold?: Hold | 'none';
  /** Replaces all existing turns. */
  readonly turns?: readonly TranscriptTurn[];
}

/**
 * Writes calls and their turns. Every method may be repeated after a crash, and then removes the leftovers of the
 * crash.
 */
export class DynamoCallWriter {
  readonly #table: Table;
  readonly #leases: CallLeases;

  constructor(table: Table) {
    this.#table = table;
    this.#leases = new CallLeases(table);
  }

  async putCall(call: UnannotatedCall): Promise<void> {
    await this.#leases.withLease(nameKey(call.callSid), { lists: entriesOf(call) }, async (lease) => {
      await this.#tidied(lease);
      const { head } = lease;
      if (head.state === 'finished' && call.state !== 'finished') return lease.release();
      if (head.state === undefined) return this.#enter(lease, { told: call, notes: [], turns: [] });
      const [before] = await callsOf(this.#table, [head]);
      // The index entries of turns also depend on properties of the call.
      const turns = before && !sameIdentity(before, call) ? await this.#turns(head) : undefined;
      return this.#enter(lease, { told: call, ...(turns && { turns }) });
    });
  }

  async putEntry({ turns, notes, hold, ...told }: CatalogueEntry): Promise<void> {
    await this.#leases.withLease(nameKey(told.callSid), { lists: entriesOf(told) }, async (lease) => {
      await this.#tidied(lease);
      await this.#enter(lease, { told, notes, hold: hold ?? 'none', turns });
    });
  }

  async putTurns(callSid: string, turns: readonly TranscriptTurn[]): Promise<void> {
    if (turns.length === 0) return;
    await this.#leases.withLease(nameKey(callSid), { onlyIfThere: true }, async (lease) => {
      await this.#tidied(lease);
      const { head } = lease;
      const [call] = await callsOf(this.#table, [head]);
      if (!call || call.state === 'finished') return lease.release();
      const before = await this.#known(head, turns);
      const orders = new Map(before.map(({ turn, order }) => [turn, order]));
      await this.#putTurns(lease, turnItems(head, call, turns, orders));
      await lease.commit({ committed: lease.seq }, before.length === 0);
      if (before.length === 0) return;
      await markOld(this.#table, before);
      await lease.release();
    });
  }

  /** Returns false if the call is unknown. */
  async putNotes(callSid: string, notes: readonly Note[]): Promise<boolean> {
    return this.#set(callSid, { notes });
  }

  async putHold(callSid: string, hold: Hold | undefined): Promise<boolean> {
    return this.#set(callSid, { hold: hold ?? 'none' });
  }

  async remove(callSid: string): Promise<boolean> {
    const sidKey = nameKey(callSid);
    const { pk } = headKey(sidKey);
    const { items } = await this.#table.page({ pk, low: 'head', high: 'turn~', limit: 1 });
    if (items.length === 0) return false;
    const removed = await this.#leases.withLease(sidKey, {}, async (lease) => {
      const { head } = lease;
      const gone = await lease.commit({ ...NOTHING, doubtful: entriesAround(head) }, false);
      await unlist(this.#table, gone.doubtful ?? [], lease.renew);
      await sweep(this.#table, gone, lease.renew);
      await lease.removeHead();
      // Also resumes an interrupted removal.
      return head.state !== undefined || head.committed !== undefined || lease.untidy;
    });
    return removed === true;
  }

  async #set(callSid: string, changes: CallChanges): Promise<boolean> {
    const done = await this.#leases.withLease(nameKey(callSid), { onlyIfThere: true }, async (lease) => {
      await this.#tidied(lease);
      await this.#enter(lease, changes);
      return true;
    });
    return done === true;
  }

  /** Removes the leftovers of an earlier, interrupted write. */
  async #tidied(lease: CallLease): Promise<void> {
    if (!lease.untidy) return;
    const { head } = lease;
    const listed = new Set(head.lists);
    const stray = (head.doubtful ?? []).filter((entry) => !listed.has(entry));
    await unlist(this.#table, stray, lease.renew);
    await sweep(this.#table, head, lease.renew);
  }

  /** First writes the new items, then the head, then deletes the items that the head no longer refers to. */
  async #enter(lease: CallLease, changes: CallChanges): Promise<void> {
    const { head, seq, renew } = lease;
    const { fields, items } = textsOf(head, changes);
    const { told, turns } = changes;
    if (told && turns) await this.#putTurns(lease, turnItems(head, told, turns, new Map()));
    const entries = told ? entriesOf(told) : (head.lists ?? []);
    const listed = told ? entries.map((entry) => entryItem(entry, told)) : [];
    await this.#table.put([...items, ...listed], renew);
    const stale = (head.lists ?? []).filter((entry) => !entries.includes(entry));
    const sweeps = (turns !== undefined && head.state !== undefined) || separateTextKeys(head).length > 0;
    const last = stale.length === 0 && !sweeps;
    const after = await lease.commit(
      {
        ...fields,
        ...(told && { state: told.state, place: placeKey(told), lists: entries }),
        ...(turns && { replaced: seq }),
        committed: seq,
        ...(!last && { doubtful: stale }),
      },
      last,
    );
    if (last) return;
    await unlist(this.#table, stale, renew);
    if (sweeps) await sweep(this.#table, after, renew);
    await lease.release();
  }

  /** Turns before their index items: they list the index items. */
  async #putTurns({ renew }: CallLease, { items, postings }: WrittenTurns): Promise<void> {
    await this.#table.put(items, renew);
    await this.#table.put(postings, renew);
  }

  async #turns(head: Head): Promise<readonly TranscriptTurn[]> {
    const items = await this.#table.all({ pk: head.pk, low: 'turn#', high: 'turn~' });
    return (await turnsOf(this.#table, currentItems(head, items))) ?? [];
  }

  /** Which of the turns exist already. */
  async #known(head: Head, turns: readonly TranscriptTurn[]): Promise<TurnItem[]> {
    const names = [...new Set(turns.map(({ id }) => nameKey(id)))];
    const found = await inParallel(names, TURNS_AT_ONCE, (name) =>
      this.#table.all({ pk: head.pk, low: `turn#${name}#`, high: `turn#${name}#~` }),
    );
    return found.flatMap((items) => currentItems(head, items));
  }
}

const NOTHING = {
  state: undefined,
  told: undefined,
  notes: undefined,
  hold: undefined,
  lists: undefined,
  place: undefined,
};

/** The list entries of a call, each as its key in one text. */
function entriesOf(call: UnannotatedCall): string[] {
  return listsOf(call).map((list) => `${list} ${placeKey(call)}`);
}

function entriesAround({ lists = [], doubtful = [] }: Head): string[] {
  return [...new Set([...lists, ...doubtful])];
}

function textsOf(
  head: Head,
  { told, notes, hold }: CallChanges,
): { fields: Record<string, unknown>; items: Item[] } {
  const fields: Record<string, LongText | undefined> = {};
  const items: Item[] = [];
  for (const [name, value] of Object.entries({ told, notes, hold })) {
    if (value === undefined) continue;
    const text =
      value === 'none' ? undefined : longText(head.pk, `${name}#${head.seq}`, JSON.stringify(value));
    fields[name] = text?.value;
    items.push(...(text?.items ?? []));
  }
  return { fields, items };
}

function sameIdentity(one: UnannotatedCall, other: UnannotatedCall): boolean {
  return one.from === other.from && one.to === other.to && one.startedAtMs === other.startedAtMs;
}
