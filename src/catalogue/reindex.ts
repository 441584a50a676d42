import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../log.ts';
import { type CatalogueEntry } from '../records/call-entry.ts';
import type { DataDirectory } from '../storage/data-directory.ts';
import { callRecordName } from '../storage/file-names.ts';
import { allPages } from './all-pages.ts';
import { type Catalogue, CatalogueDown, LARGEST_PAGE } from './catalogue.ts';

/** Calls per batch. */
const ENTERED_AT_ONCE = 50;
/** Attempts for a call whose files change while it is indexed. After that, the process that changes them indexes it. */
const TRIES = 5;
/** Sample size of the completeness check. */
const ASKED_FOR = 20;

/** Reads a finished call's catalogue entry from its files. */
export interface EntryReader {
  entry(directory: string, callSid: string): Promise<CatalogueEntry | undefined>;
}

export interface ReindexOptions {
  readonly catalogue: Pick<Catalogue, 'get' | 'list' | 'putEntries' | 'remove'>;
  readonly directories: DataDirectory;
  readonly pool: EntryReader;
}

export interface ReindexResult {
  readonly entered: number;
  /** Catalogue entries without a call in this folder. */
  readonly removed: number;
  /** Calls whose `.json` could not be read or whose entry could not be written. */
  readonly failed: readonly string[];
}

/**
 * Indexes all finished calls of a folder from their files. May run while a server is running. `prune`: removes entries
 * of calls that are not in this folder; they may belong to another machine if several share a database.
 */
export async function reindex(
  { catalogue, directories, pool }: ReindexOptions,
  prune: boolean,
  progress?: (done: number, of: number) => void,
): Promise<ReindexResult> {
  const all = directories.finishedCalls();
  const failed: string[] = [];
  // The marker file makes the next start resume an interrupted reindex.
  writeFileSync(marker(directories), '');
  for (let from = 0; from < all.length; from += ENTERED_AT_ONCE) {
    progress?.(from, all.length);
    failed.push(...(await enter(all.slice(from, from + ENTERED_AT_ONCE), { catalogue, directories, pool })));
  }
  progress?.(all.length, all.length);
  const removed = prune ? await removeForeign({ catalogue, directories }) : 0;
  rmSync(marker(directories), { force: true });
  return { entered: all.length - failed.length, removed, failed };
}

/**
 * Whether a full reindex is needed: an earlier reindex was interrupted, or the catalogue lacks some call of a sample
 * taken across the folder.
 */
export async function needsReindex({
  catalogue,
  directories,
}: Omit<ReindexOptions, 'pool'>): Promise<boolean> {
  if (existsSync(marker(directories))) return true;
  const all = directories.finishedCalls();
  const step = Math.max(1, Math.floor(all.length / ASKED_FOR));
  for (let at = 0; at < all.length; at += step) {
    const callSid = all[at]!;
    // These are already known to need indexing.
    if (existsSync(path.join(directories.pendingIndex, callSid))) continue;
    if (!(await catalogue.get(callSid)) && directories.isFinished(callSid)) return true;
  }
  return false;
}

/** Runs a full reindex, until `signal` is aborted: then it rejects. The next start resumes an interrupted one. */
export async function reindexIfNeeded(options: ReindexOptions, log: Log, signal: AbortSignal): Promise<void> {
  log.info('catalogue is incomplete; reindexing all calls');
  const { entered, failed } = await reindex(options, false, () => signal.throwIfAborted());
  log.info({ entered, failed: failed.length }, 'reindex completed');
}

function marker({ state }: DataDirectory): string {
  return path.join(state, 'to-reindex');
}

/** Returns the CallSids that failed. */
async function enter(callSids: readonly string[], options: ReindexOptions): Promise<string[]> {
  const { catalogue, directories, pool } = options;
  const failed: string[] = [];
  let left = callSids;
  for (let tries = 0; tries < TRIES && left.length > 0; tries += 1) {
    const read = await Promise.all(
      left.map(async (callSid) => ({
        callSid,
        version: versionOf(directories, callSid),
        entry: await pool.entry(directories.recordings, callSid).catch(() => undefined),
      })),
    );
    failed.push(
      ...(await put(
        catalogue,
        read.flatMap(({ entry }) => entry ?? []),
      )),
    );
    for (const { callSid, entry } of read)
      if (!entry && directories.isFinished(callSid)) failed.push(callSid);
      else if (!directories.isFinished(callSid)) await catalogue.remove(callSid);
    left = read
      .filter(({ callSid, entry, version }) => entry && version !== versionOf(directories, callSid))
      .map(({ callSid }) => callSid)
      .filter((callSid) => directories.isFinished(callSid));
  }
  return failed;
}

/** Writes all entries in one batch, and one by one if the batch fails. Returns the CallSids that failed. */
async function put(
  catalogue: Pick<Catalogue, 'putEntries'>,
  entries: readonly CatalogueEntry[],
): Promise<string[]> {
  try {
    await catalogue.putEntries(entries);
    return [];
  } catch (error) {
    if (error instanceof CatalogueDown) throw error;
    if (entries.length === 1) return [entries[0]!.callSid];
  }
  const refused: string[] = [];
  for (const entry of entries) refused.push(...(await put(catalogue, [entry])));
  return refused;
}

/** Returns a new value each time the `.json` is rewritten. */
function versionOf({ recordings }: DataDirectory, callSid: string): string {
  const found = statSync(path.join(recordings, callRecordName(callSid)), { throwIfNoEntry: false });
  return found ? `${found.ino} ${found.mtimeMs}` : '';
}

async function removeForeign({ catalogue, directories }: Omit<ReindexOptions, 'pool'>): Promise<number> {
  let removed = 0;
  for await (const page of allPages((cursor) => catalogue.list({}, { limit: LARGEST_PAGE, cursor }))) {
    // In this order: a journal goes only after the call's files are there.
    const journals = new Set(directories.activeJournals().map(({ callSid }) => callSid));
    for (const { callSid } of page.items)
      if (!journals.has(callSid) && !directories.isFinished(callSid) && (await catalogue.remove(callSid)))
        removed += 1;
  }
  return removed;
}
