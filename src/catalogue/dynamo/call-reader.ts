import type { CatalogueEntry } from '../../records/call-entry.ts';
import { callsOf, headKey, headOf } from './call-head.ts';
import { nameKey } from './keys.ts';
import { currentItems, turnsOf } from './search/turn-items.ts';
import type { Table } from './table.ts';

/** Attempts to read a call that changes while it is read. */
const READS = 10;

/** A consistent snapshot of a call. */
export async function readDynamoCall(table: Table, callSid: string): Promise<CatalogueEntry | undefined> {
  const key = headKey(nameKey(callSid));
  for (let reads = 1; ; reads++) {
    const items = await table.all({ pk: key.pk, low: 'head', high: 'turn~' });
    const head = headOf(items.find((item) => item.sk === key.sk));
    if (head?.state === undefined) return undefined;
    const [call] = await callsOf(table, [head]);
    const turns = await turnsOf(table, currentItems(head, items));
    const after = headOf(await table.get(key));
    const same = after?.committed === head.committed && after?.state !== undefined;
    if (call && turns && (same || reads === READS)) return { ...call, turns };
    if (reads === READS) throw new Error(`The call ${callSid} is incomplete in the catalogue: reindex it.`);
  }
}
