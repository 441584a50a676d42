import { type CallFilter, type Catalogue, LARGEST_PAGE } from '../catalogue/catalogue.ts';
import { isSameAddress, normalizedAddress } from '../catalogue/phone-address.ts';
import { type CataloguedCall } from '../records/call-entry.ts';
import { readCallRecord } from '../records/call-record.ts';
import type { ReconstructedCall } from '../records/reconstructed-call.ts';
import type { DataDirectory } from '../storage/data-directory.ts';
import type { CallEraser, CallErasure, ErasureReceipt } from './call-eraser.ts';

/** So many of a number's last characters stand in a receipt: enough to know it again, too few to call it. */
const SHOWN_CHARACTERS = 2;
/** `.json` files that are read before anything else gets its turn. */
const READ_AT_ONCE = 50;

/** Reads the call that a journal holds. */
export interface JournalCallReader {
  read(journal: string): Promise<Pick<ReconstructedCall, 'callSid' | 'from' | 'to'> | undefined>;
}

export interface BulkErasureOptions {
  readonly eraser: Pick<CallEraser, 'eraseSome'>;
  readonly folders: DataDirectory;
  readonly pool: JournalCallReader;
  readonly catalogue: Pick<Catalogue, 'list'>;
  readonly now: () => number;
}

interface Refusal {
  readonly callSid: string;
  readonly why: 'on hold' | 'still going on';
}

/** What became of many calls. It holds no words, and of a number only its end. */
export interface BulkErasureReceipt {
  readonly asked: { readonly number: string } | { readonly startedBefore: string };
  readonly at: string;
  readonly calls: readonly ErasureReceipt[];
  readonly refused: readonly Refusal[];
}

/** Told before each call how many were looked at, of how many. */
export type Progress = (done: number, of: number) => void;

/** Removes every call from or to a number, wherever something of it lies. Rejects where the catalogue is down. */
export async function eraseByNumber(
  parts: BulkErasureOptions,
  number: string,
  progress?: Progress,
): Promise<BulkErasureReceipt> {
  const calls = await callsOf(parts, number);
  const asked = { number: `…${normalizedAddress(number).slice(-SHOWN_CHARACTERS)}` };
  return summed(asked, parts, await parts.eraser.eraseSome([...calls], 'asked', progress));
}

/** Removes the calls that began before `beforeMs` and are not on hold. Rejects where the catalogue is down. */
export async function eraseByAge(
  parts: Omit<BulkErasureOptions, 'pool'>,
  beforeMs: number,
  progress?: Progress,
): Promise<BulkErasureReceipt> {
  const old = new Set<string>();
  for await (const call of listed(parts.catalogue, { beforeMs, state: 'finished' }))
    if (!call.hold) old.add(call.callSid);
  const asked = { startedBefore: new Date(beforeMs).toISOString() };
  return summed(asked, parts, await parts.eraser.eraseSome([...old], 'age', progress));
}

function summed(
  asked: BulkErasureReceipt['asked'],
  { now }: Pick<BulkErasureOptions, 'now'>,
  outcomes: ReadonlyMap<string, CallErasure>,
): BulkErasureReceipt {
  const calls: ErasureReceipt[] = [];
  const refused: Refusal[] = [];
  for (const [callSid, erasure] of outcomes) {
    if ('receipt' in erasure) calls.push(erasure.receipt);
    else if (erasure.outcome === 'held') refused.push({ callSid, why: 'on hold' });
    else if (erasure.outcome === 'live') refused.push({ callSid, why: 'still going on' });
  }
  return { asked, at: new Date(now()).toISOString(), calls, refused };
}

/** By the catalogue and by every file: one may know of a call that the other does not. */
async function callsOf(parts: BulkErasureOptions, number: string): Promise<Set<string>> {
  const { folders, catalogue, pool } = parts;
  const found = new Set<string>();
  const look = ({ callSid, from, to }: Pick<CataloguedCall, 'callSid' | 'from' | 'to'>): void => {
    if (isSameAddress(from, number) || isSameAddress(to, number)) found.add(callSid);
  };
  for await (const call of listed(catalogue, { number })) look(call);
  for (const [index, callSid] of folders.finishedCalls().entries()) {
    const json = readCallRecord(folders.recordings, callSid);
    if (json) look(json);
    if (index % READ_AT_ONCE === READ_AT_ONCE - 1) await new Promise(setImmediate);
  }
  const journals = [...folders.activeJournals(), ...folders.pendingJournals(), ...folders.keptJournals()];
  for (const journal of journals) {
    if (found.has(journal.callSid)) continue;
    const call = await pool.read(journal.path).catch(() => undefined);
    if (call) look(call);
  }
  return found;
}

async function* listed(
  catalogue: Pick<Catalogue, 'list'>,
  filter: CallFilter,
): AsyncGenerator<CataloguedCall> {
  let cursor: string | undefined;
  do {
    const page = await catalogue.list(filter, {
      limit: LARGEST_PAGE,
      ...(cursor !== undefined && { cursor }),
    });
    yield* page.items;
    cursor = page.next;
  } while (cursor !== undefined);
}
