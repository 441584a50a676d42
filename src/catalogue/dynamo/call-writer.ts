import type { CatalogueEntry, Hold, Note } from '../../records/call-entry.ts';
import type { TranscriptTurn } from '../../records/text/transcript.ts';
import { entryItem } from './call-entries.ts';
import { basesOf, callsOf, type Head, headKey, type Told } from './call-head.ts';
import { markOld, sweep, unlist } from './call-sweep.ts';
import type { CallWriting } from './call-writing.ts';
import { CallWritings } from './call-writings.ts';
import { inParallel } from './in-parallel.ts';
import { listsOf, nameKey, placeKey } from './keys.ts';
import { type LongText, longText } from './long-text.ts';
import { currentItems, type TurnItem, turnItems, turnsOf, type WrittenTurns } from './search/turn-items.ts';
import type { Item, Table } from './table.ts';

const TURNS_AT_ONCE = 8;

/** The changes that a write makes to a call; absent fields stay unchanged. */
interface News {
  readonly told?: Told;
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
  readonly #writings: CallWritings;

  constructor(table: Table) {
    this.#table = table;
    this.#writings = new CallWritings(table);
  }

  async putCall(call: Told): Promise<void> {
    await this.#writings.write(nameKey(call.callSid), { lists: entriesOf(call) }, async (writing) => {
      await this.#tidied(writing);
      const { head } = writing;
      if (head.state === 'finished' && call.state !== 'finished') return writing.release();
      if (head.state === undefined) return this.#enter(writing, { told: call, notes: [], turns: [] });
      const [before] = await callsOf(this.#table, [head]);
      // The index entries of turns also depend on properties of the call.
      const turns = before && !sameIdentity(before, call) ? await this.#turns(head) : undefined;
      return this.#enter(writing, { told: call, ...(turns && { turns }) });
    });
  }

  async putEntry({ turns, notes, hold, ...told }: CatalogueEntry): Promise<void> {
    await this.#writings.write(nameKey(told.callSid), { lists: entriesOf(told) }, async (writing) => {
      await this.#tidied(writing);
      await this.#enter(writing, { told, notes, hold: hold ?? 'none', turns });
    });
  }

  async putTurns(callSid: string, turns: readonly TranscriptTurn[]): Promise<void> {
    if (turns.length === 0) return;
    await this.#writings.write(nameKey(callSid), { onlyIfThere: true }, async (writing) => {
      await this.#tidied(writing);
      const { head } = writing;
      const [call] = await callsOf(this.#table, [head]);
      if (!call || call.state === 'finished') return writing.release();
      const before = await this.#known(head, turns);
      const orders = new Map(before.map(({ turn, order }) => [turn, order]));
      await this.#putTurns(writing, turnItems(head, call, turns, orders));
      await writing.commit({ committed: writing.seq }, before.length === 0);
      if (before.length === 0) return;
      await markOld(this.#table, before);
      await writing.release();
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
    const removed = await this.#writings.write(sidKey, {}, async (writing) => {
      const { head } = writing;
      const gone = await writing.commit({ ...NOTHING, doubtful: entriesAround(head) }, false);
      await unlist(this.#table, gone.doubtful ?? [], writing.keep);
      await sweep(this.#table, gone, writing.keep);
      await writing.removeHead();
      // Also resumes an interrupted removal.
      return head.state !== undefined || head.committed !== undefined || writing.untidy;
    });
    return removed === true;
  }

  async #set(callSid: string, news: News): Promise<boolean> {
    const done = await this.#writings.write(nameKey(callSid), { onlyIfThere: true }, async (writing) => {
      await this.#tidied(writing);
      await this.#enter(writing, news);
      return true;
    });
    return done === true;
  }

  /** Removes the leftovers of an earlier, interrupted write. */
  async #tidied(writing: CallWriting): Promise<void> {
    if (!writing.untidy) return;
    const { head } = writing;
    const listed = new Set(head.lists);
    const stray = (head.doubtful ?? []).filter((entry) => !listed.has(entry));
    await unlist(this.#table, stray, writing.keep);
    await sweep(this.#table, head, writing.keep);
  }

  /** First writes the new items, then the head, then deletes the items that the head no longer refers to. */
  async #enter(writing: CallWriting, news: News): Promise<void> {
    const { head, seq, keep } = writing;
    const { fields, items } = textsOf(head, news);
    const { told, turns } = news;
    if (told && turns) await this.#putTurns(writing, turnItems(head, told, turns, new Map()));
    const entries = told ? entriesOf(told) : (head.lists ?? []);
    const listed = told ? entries.map((entry) => entryItem(entry, told)) : [];
    await this.#table.put([...items, ...listed], keep);
    const stale = (head.lists ?? []).filter((entry) => !entries.includes(entry));
    const sweeps = (turns !== undefined && head.state !== undefined) || basesOf(head).length > 0;
    const last = stale.length === 0 && !sweeps;
    const after = await writing.commit(
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
    await unlist(this.#table, stale, keep);
    if (sweeps) await sweep(this.#table, after, keep);
    await writing.release();
  }

  /** Turns before their index items: they list the index items. */
  async #putTurns({ keep }: CallWriting, { items, postings }: WrittenTurns): Promise<void> {
    await this.#table.put(items, keep);
    await this.#table.put(postings, keep);
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
function entriesOf(call: Told): string[] {
  return listsOf(call).map((list) => `${list} ${placeKey(call)}`);
}

function entriesAround({ lists = [], doubtful = [] }: Head): string[] {
  return [...new Set([...lists, ...doubtful])];
}

function textsOf(
  head: Head,
  { told, notes, hold }: News,
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

function sameIdentity(one: Told, other: Told): boolean {
  return one.from === other.from && one.to === other.to && one.startedAtMs === other.startedAtMs;
}
