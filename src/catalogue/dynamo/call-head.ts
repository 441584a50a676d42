import type { CallState, CataloguedCall, Hold, Note } from '../../records/call-entry.ts';
import { callPartition } from './keys.ts';
import { type LongText, readTexts } from './long-text.ts';
import type { Item, Key, Table } from './table.ts';

export type Told = Omit<CataloguedCall, 'notes' | 'hold'>;

/**
 * The one item of a call that decides what is true of it. All else lies there before it is told of here, and goes only
 * when it is told of no more: so a call is entered whole or not at all, without transactions.
 */
export interface Head extends Key {
  /** Counts the writes that were begun. Those of a call that is removed and comes again are later ones. */
  readonly seq: number;
  /** Who writes now; `beat` shows that it still does. */
  readonly heldBy?: string;
  readonly beat?: number;
  /** List entries that may lie about: of a write that was begun, or of what was true before it. */
  readonly doubtful?: readonly string[];
  /** Absent: the call is not there, or not yet. */
  readonly state?: CallState;
  /** The last write that counts, */
  readonly committed?: number;
  /** and the last that replaced all turns: those of earlier ones count no more. */
  readonly replaced?: number;
  readonly told?: LongText;
  readonly notes?: LongText;
  readonly hold?: LongText;
  /** The call's place in lists and indexes, and the lists it stands in. */
  readonly place?: string;
  readonly lists?: readonly string[];
}

export function headKey(sidKey: string): Key {
  return { pk: callPartition(sidKey), sk: 'head' };
}

export function headOf(item: Item | undefined): Head | undefined {
  return item as unknown as Head | undefined;
}

/** Whether what the write `seq` left is a part of the call. */
export function counts(head: Head, seq: number): boolean {
  const { state, committed = 0, replaced = 0 } = head;
  return state !== undefined && seq >= replaced && seq <= committed;
}

/** The calls of these heads; undefined where there is none, or its parts are being replaced at this moment. */
export async function callsOf(
  table: Table,
  heads: readonly (Head | undefined)[],
): Promise<(CataloguedCall | undefined)[]> {
  const texts = heads.map((head) => (head?.state === undefined ? [] : textsOf(head)));
  const read = (await readTexts(table, texts.flat())).values();
  return texts.map((own) => {
    const [told, notes, hold] = own.map(() => read.next().value);
    if (told === undefined || notes === undefined || (own.length > 2 && hold === undefined)) return undefined;
    return {
      ...(JSON.parse(told) as Told),
      notes: JSON.parse(notes) as Note[],
      ...(hold !== undefined && { hold: JSON.parse(hold) as Hold }),
    };
  });
}

function textsOf({ pk, told, notes, hold }: Head): { pk: string; value: LongText }[] {
  return [told ?? {}, notes ?? {}, ...(hold ? [hold] : [])].map((value) => ({ pk, value }));
}

/** The keys of texts that lie beside the head. */
export function basesOf({ told, notes, hold }: Head): string[] {
  return [told, notes, hold].flatMap((text) => text?.base ?? []);
}
