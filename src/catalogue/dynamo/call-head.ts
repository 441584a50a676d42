import { callerAddress } from '../../events/withheld-number.ts';
import type { CallState, CataloguedCall, Hold, Note, UnannotatedCall } from '../../records/call-entry.ts';
import { callPartition } from './keys.ts';
import { type LongText, readTexts } from './long-text.ts';
import type { Item, Key, Table } from './table.ts';

/**
 * The item that defines the visible state of a call. All other items are written before the head refers to them and
 * deleted after it no longer does. A call is therefore written completely or not at all, without transactions. Property
 * names are the attributes of stored items.
 */
export interface Head extends Key {
  /** Number of writes that were started. It continues to grow if a call is removed and inserted again. */
  readonly seq: number;
  /** The current writer. `beat` counts the renewals of its lease. */
  readonly heldBy?: string;
  readonly beat?: number;
  /** List entries that may be left over from an unfinished write or from the previous state. */
  readonly doubtful?: readonly string[];
  /** Absent: the call does not exist, or not yet. */
  readonly state?: CallState;
  /** The last valid write. */
  readonly committed?: number;
  /** The last write that replaced all turns. Turns of earlier writes are invalid. */
  readonly replaced?: number;
  /** The call as `UnannotatedCall` in JSON. */
  readonly told?: LongText;
  readonly notes?: LongText;
  readonly hold?: LongText;
  /** The call's position in lists and indexes, and the lists that contain it. */
  readonly place?: string;
  readonly lists?: readonly string[];
}

export function headKey(sidKey: string): Key {
  return { pk: callPartition(sidKey), sk: 'head' };
}

export function headOf(item: Item | undefined): Head | undefined {
  return item as unknown as Head | undefined;
}

/** Whether the items of write `seq` are part of the call. */
export function belongsToCall(head: Head, seq: number): boolean {
  const { state, committed = 0, replaced = 0 } = head;
  return state !== undefined && seq >= replaced && seq <= committed;
}

/** The calls of these heads; undefined if there is none or its parts are being replaced at this moment. */
export async function callsOf(
  table: Table,
  heads: readonly (Head | undefined)[],
): Promise<(CataloguedCall | undefined)[]> {
  const texts = heads.map((head) => (head?.state === undefined ? [] : textsOf(head)));
  const read = (await readTexts(table, texts.flat())).values();
  return texts.map((own) => {
    const [told, notes, hold] = own.map(() => read.next().value);
    if (told === undefined || notes === undefined || (own.length > 2 && hold === undefined)) return undefined;
    const call = JSON.parse(told) as UnannotatedCall;
    return {
      ...call,
      from: callerAddress(call.from),
      notes: JSON.parse(notes) as Note[],
      ...(hold !== undefined && { hold: JSON.parse(hold) as Hold }),
    };
  });
}

function textsOf({ pk, told, notes, hold }: Head): { pk: string; value: LongText }[] {
  return [told ?? {}, notes ?? {}, ...(hold ? [hold] : [])].map((value) => ({ pk, value }));
}

/** The keys of texts stored outside the head. */
export function separateTextKeys({ told, notes, hold }: Head): string[] {
  return [told, notes, hold].flatMap((text) => text?.base ?? []);
}
