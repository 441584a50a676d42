import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../log.ts';
import { type CatalogueEntry } from '../records/call-entry.ts';
import type { DataDirectory } from '../storage/data-directory.ts';
import { callRecordName } from '../storage/file-names.ts';
import { type Catalogue, CatalogueDown, LARGEST_PAGE } from './catalogue.ts';

/** Calls that are read and entered together. */
const ENTERED_AT_ONCE = 50;
/** A call whose files change while it is entered is entered again; after so many times whoever changes them enters it. */
const TRIES = 5;
/** Of so many calls it is asked whether the catalogue knows them. */
const ASKED_FOR = 20;

/** Reads what the catalogue stores of a finished call from the call's files. */
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
  /** Entries of calls of which there is nothing here. */
  readonly removed: number;
  /** Their `.json` could not be read, or not be entered. */
  readonly failed: readonly string[];
}

/**
 * Enters all finished calls of a folder from their files, beside a running server or without one. `prune`: entries of calls
 * that are not in this folder go; they may be another machine's where several share a database.
 */
export async function reindex(
  { catalogue, directories, pool }: ReindexOptions,
  prune: boolean,
  progress?: (done: number, of: number) => void,
): Promise<ReindexResult> {
  const all = directories.finishedCalls();
  const failed: string[] = [];
  // Whoever is killed in the middle of it leaves word that it is to be done.
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
 * Whether all calls have to be entered: an earlier process was interrupted doing so, or of some of them, taken from all over
 * the folder, the catalogue does not know every one.
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
    // Of these it is known anyway that they are to be entered.
    if (existsSync(path.join(directories.pendingIndex, callSid))) continue;
    if (!(await catalogue.get(callSid)) && directories.isFinished(callSid)) return true;
  }
  return false;
}

/** Enters all calls where nobody asked for it, and goes on at the next start where it is interrupted. */
export async function reindexIfNeeded(parts: ReindexOptions, log: Log): Promise<void> {
  log.info('the catalogue lacks calls; all of them are entered from their files');
  const { entered, failed } = await reindex(parts, false);
  log.info({ entered, failed: failed.length }, 'all calls have been entered from their files');
}

function marker({ state }: DataDirectory): string {
  return path.join(state, 'to-reindex');
}

/** Gives those that could not be entered. */
async function enter(callSids: readonly string[], parts: ReindexOptions): Promise<string[]> {
  const { catalogue, directories, pool } = parts;
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

/** Together where that goes; one that the catalogue does not take must not keep the others out. Gives those. */
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

/** Another one once the `.json` was written again. */
function versionOf({ recordings }: DataDirectory, callSid: string): string {
  const found = statSync(path.join(recordings, callRecordName(callSid)), { throwIfNoEntry: false });
  return found ? `${found.ino} ${found.mtimeMs}` : '';
}

async function removeForeign({ catalogue, directories }: Omit<ReindexOptions, 'pool'>): Promise<number> {
  let removed = 0;
  let cursor: string | undefined;
  do {
    const page = await catalogue.list({}, { limit: LARGEST_PAGE, cursor });
    // In this order: a journal goes only after the call's files are there.
    const journals = new Set(directories.activeJournals().map(({ callSid }) => callSid));
    for (const { callSid } of page.items)
      if (!journals.has(callSid) && !directories.isFinished(callSid) && (await catalogue.remove(callSid)))
        removed += 1;
    cursor = page.next;
  } while (cursor !== undefined);
  return removed;
}
