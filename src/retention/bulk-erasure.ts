import { allPages } from '../catalogue/all-pages.ts';
import { type CallFilter, type Catalogue, LARGEST_PAGE } from '../catalogue/catalogue.ts';
import { isSameAddress, normalizedAddress } from '../catalogue/phone-address.ts';
import type { Clock } from '../events/clock.ts';
import { isWithheld, WITHHELD } from '../events/withheld-number.ts';
import { type CataloguedCall } from '../records/call-entry.ts';
import { readCallRecord } from '../records/call-record.ts';
import type { ReconstructedCall } from '../records/reconstructed-call.ts';
import type { DataDirectory } from '../storage/data-directory.ts';
import type { CallEraser } from './call-eraser.ts';
import type { CallErasure, ErasureReceipt } from './erasure-execution.ts';

/** A receipt shows this many of a number's last characters: enough to recognize it, too few to call it. */
const SHOWN_CHARACTERS = 2;
/** `.json` files that are read before other work on the event loop continues. */
const READ_AT_ONCE = 50;

/** Reads the call that a journal holds. */
export interface JournalCallReader {
  read(journal: string): Promise<Pick<ReconstructedCall, 'callSid' | 'from' | 'to'> | undefined>;
}

export interface BulkErasureOptions {
  readonly eraser: Pick<CallEraser, 'eraseSome'>;
  readonly directories: DataDirectory;
  readonly worker: JournalCallReader;
  readonly catalogue: Pick<Catalogue, 'get' | 'list'>;
  readonly clock: Pick<Clock, 'now'>;
}

interface Refusal {
  readonly callSid: string;
  readonly why: 'on hold' | 'still going on';
}

/** The result of a bulk erasure. It contains no words, and only the end of a number. */
export interface BulkErasureReceipt {
  readonly asked: { readonly number: string } | { readonly startedBefore: string };
  readonly at: string;
  readonly calls: readonly ErasureReceipt[];
  readonly refused: readonly Refusal[];
}

/** Called before each call with the number of calls that are done. */
export type Progress = (done: number, of: number) => void;

/** A code or word of Twilio stands for all callers who withheld their number, who are different persons. */
export class NotOneNumber extends Error {
  override readonly name = 'NotOneNumber';
}

/** The word for the calls of all callers who withheld their number. */
const ALL_WITHHELD = /^(number )?withheld$/i;

/**
 * Erases every call from or to a number. Rejects if the catalogue is down, and with `NotOneNumber` if the number is a
 * withheld one.
 */
export async function eraseByNumber(
  options: BulkErasureOptions,
  number: string,
  progress?: Progress,
): Promise<BulkErasureReceipt> {
  const withheld = isWithheld(number);
  if (withheld && !ALL_WITHHELD.test(number.trim()))
    throw new NotOneNumber(
      `"${number}" stands for every withheld number; "withheld" erases the calls of all callers who withheld theirs`,
    );
  const calls = await callsOf(options, number);
  const asked = { number: withheld ? WITHHELD : `…${normalizedAddress(number).slice(-SHOWN_CHARACTERS)}` };
  return summed(asked, options, await options.eraser.eraseSome([...calls], 'asked', progress));
}

/**
 * Erases the calls of the catalogue that began before `beforeMs` and are not on hold. Rejects if the catalogue is down, or before the
 * next call if `signal` is aborted.
 */
export async function eraseByAge(
  options: Omit<BulkErasureOptions, 'worker'>,
  beforeMs: number,
  signal?: AbortSignal,
): Promise<BulkErasureReceipt> {
  const old = new Set<string>();
  for await (const call of listed(options.catalogue, { beforeMs, state: 'finished' }))
    if (!call.hold) old.add(call.callSid);
  return erasedByAge(options, beforeMs, [...old], signal);
}

/** As `eraseByAge`, for the calls whose files are in this directory, whether the catalogue has them or not. */
export async function eraseOwnByAge(
  options: Omit<BulkErasureOptions, 'worker'>,
  beforeMs: number,
): Promise<BulkErasureReceipt> {
  const { directories, catalogue } = options;
  const old: string[] = [];
  for (const [index, callSid] of directories.finishedCalls().entries()) {
    const json = readCallRecord(directories.recordings, callSid);
    if (json && !json.hold && Date.parse(json.startedAt) < beforeMs) old.push(callSid);
    if (index % READ_AT_ONCE === READ_AT_ONCE - 1) await new Promise(setImmediate);
  }
  const due: string[] = [];
  // A hold that was set at another machine may not have arrived here.
  for (const callSid of old) if (!(await catalogue.get(callSid))?.hold) due.push(callSid);
  return erasedByAge(options, beforeMs, due);
}

async function erasedByAge(
  options: Omit<BulkErasureOptions, 'worker'>,
  beforeMs: number,
  callSids: readonly string[],
  signal?: AbortSignal,
): Promise<BulkErasureReceipt> {
  const asked = { startedBefore: new Date(beforeMs).toISOString() };
  const unlessAborted = (): void => signal?.throwIfAborted();
  return summed(asked, options, await options.eraser.eraseSome(callSids, 'age', unlessAborted));
}

function summed(
  asked: BulkErasureReceipt['asked'],
  { clock }: Pick<BulkErasureOptions, 'clock'>,
  outcomes: ReadonlyMap<string, CallErasure>,
): BulkErasureReceipt {
  const calls: ErasureReceipt[] = [];
  const refused: Refusal[] = [];
  for (const [callSid, erasure] of outcomes) {
    if ('receipt' in erasure) calls.push(erasure.receipt);
    else if (erasure.outcome === 'held') refused.push({ callSid, why: 'on hold' });
    else if (erasure.outcome === 'live') refused.push({ callSid, why: 'still going on' });
  }
  return { asked, at: new Date(clock.now()).toISOString(), calls, refused };
}

/** By the catalogue and by the files: each may know calls that the other does not. */
async function callsOf(options: BulkErasureOptions, number: string): Promise<Set<string>> {
  const { directories, catalogue, worker } = options;
  const found = new Set<string>();
  const addIfMatching = ({ callSid, from, to }: Pick<CataloguedCall, 'callSid' | 'from' | 'to'>): void => {
    if (isSameAddress(from, number) || isSameAddress(to, number)) found.add(callSid);
  };
  for await (const call of listed(catalogue, { number })) addIfMatching(call);
  for (const [index, callSid] of directories.finishedCalls().entries()) {
    const json = readCallRecord(directories.recordings, callSid);
    if (json) addIfMatching(json);
    if (index % READ_AT_ONCE === READ_AT_ONCE - 1) await new Promise(setImmediate);
  }
  const journals = [
    ...directories.activeJournals(),
    ...directories.pendingJournals(),
    ...directories.keptJournals(),
  ];
  for (const journal of journals) {
    if (found.has(journal.callSid)) continue;
    const call = await worker.read(journal.path).catch(() => undefined);
    if (call) addIfMatching(call);
  }
  return found;
}

async function* listed(
  catalogue: Pick<Catalogue, 'list'>,
  filter: CallFilter,
): AsyncGenerator<CataloguedCall> {
  const pages = allPages((cursor) => catalogue.list(filter, { limit: LARGEST_PAGE, cursor }));
  for await (const { items } of pages) yield* items;
}
