import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import type { CatalogueEntry } from '../../src/records/call-entry.ts';
import { percentile } from '../percentile.ts';
import { BareSearch } from './bare-search.ts';
import { type Question, questionsOf } from './questions.ts';
import { ZipfCalls } from './zipf-calls.ts';

/**
 * The target: a search for words that occur in at most 1 % of the turns, a phrase or a number, in SQLite with 100,000
 * calls.
 */
export const SEARCH_GOAL_MS = 50;
const BATCH = 200;
const PROGRESS_MS = 5_000;
/** The reference needs seconds for a common word, so it runs fewer times. */
const MOST_BARE_MS = 10_000;

/** One kind of query, repeated on one catalogue. */
export interface SearchRow {
  readonly calls: number;
  readonly question: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  /** The same query with plain FTS5 on the same file, for comparison. */
  readonly bareP95Ms: number | undefined;
  readonly hasGoal: boolean;
  /** The event loop delay of the querying process: the effect on a live call. */
  readonly loopP99Ms: number;
}

export interface LoadRow {
  readonly calls: number;
  readonly loadSeconds: number;
  readonly megabytes: number | undefined;
  /** The maximum over all queries. */
  readonly loopP99Ms: number;
}

export interface SearchBench {
  readonly sizes: readonly number[];
  /** Repetitions of each query. */
  readonly rounds: number;
  /** An empty database; default: a SQLite file for each size. */
  readonly url?: string;
}

/** Fills a catalogue to each of the sizes in turn and measures the queries. */
export async function benchSearch(
  { sizes, rounds, url }: SearchBench,
  report: (line: string) => void,
): Promise<{ rows: SearchRow[]; loads: LoadRow[] }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'offhook-bench-'));
  const file = path.join(folder, 'catalogue.db');
  const catalogue = await openCatalogue(url ?? file);
  const rows: SearchRow[] = [];
  const loads: LoadRow[] = [];
  const made = new ZipfCalls();
  try {
    await catalogue.open();
    let [loaded, loadSeconds] = [0, 0];
    for (const calls of sizes) {
      loadSeconds += await load(catalogue, made, { from: loaded, to: calls }, report);
      loaded = calls;
      const bare = url === undefined ? new BareSearch(file) : undefined;
      const asked = await ask({ catalogue, bare, calls, rounds, report });
      rows.push(...asked);
      bare?.close();
      const megabytes = url === undefined ? sizeOf(file) / 1e6 : undefined;
      loads.push({
        calls,
        loadSeconds,
        megabytes,
        loopP99Ms: Math.max(...asked.map((row) => row.loopP99Ms)),
      });
    }
    return { rows, loads };
  } finally {
    await catalogue.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Asking {
  readonly catalogue: Catalogue;
  readonly bare: BareSearch | undefined;
  readonly calls: number;
  readonly rounds: number;
  readonly report: (line: string) => void;
}

async function load(
  catalogue: Catalogue,
  made: ZipfCalls,
  { from, to }: { readonly from: number; readonly to: number },
  report: (line: string) => void,
): Promise<number> {
  const begun = performance.now();
  let shown = begun;
  let entering = Promise.resolve();
  for (let index = from; index < to; index += BATCH) {
    const entries: CatalogueEntry[] = [];
    for (let each = index; each < Math.min(to, index + BATCH); each++) entries.push(made.call(each));
    // The next calls are generated while the previous ones are written.
    await entering;
    entering = catalogue.putEntries(entries);
    if (performance.now() - shown < PROGRESS_MS) continue;
    shown = performance.now();
    const rate = (index - from) / ((shown - begun) / 1_000);
    report(
      `${index} of ${to} calls indexed, ${rate.toFixed(0)} a second, ${((to - index) / rate).toFixed(0)} s to go`,
    );
  }
  await entering;
  return (performance.now() - begun) / 1_000;
}

async function ask({ catalogue, bare, calls, rounds, report }: Asking): Promise<SearchRow[]> {
  const rows: SearchRow[] = [];
  for (const question of await questionsOf(catalogue, calls)) {
    const loop = monitorEventLoopDelay({ resolution: 1 });
    loop.enable();
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await timed(question.make(round)));
    loop.disable();
    const bareTimes = bare ? askBare(bare, question, rounds) : [];
    const { name, hasGoal } = question;
    rows.push({
      // The target applies to the default database, SQLite.
      ...{ calls, question: name, hasGoal: hasGoal && bare !== undefined },
      ...{ p50Ms: percentile(times, 50), p95Ms: percentile(times, 95), maxMs: Math.max(...times) },
      bareP95Ms: bareTimes.length > 0 ? percentile(bareTimes, 95) : undefined,
      loopP99Ms: Math.max(0, loop.percentile(99) / 1e6 - 1),
    });
    report(`${calls} calls, ${name}: p95 ${rows.at(-1)!.p95Ms.toFixed(1)} ms`);
  }
  return rows;
}

function askBare(bare: BareSearch, { bareWords }: Question, rounds: number): number[] {
  const times: number[] = [];
  let spentMs = 0;
  for (let round = 0; bareWords && round < rounds && spentMs < MOST_BARE_MS; round++) {
    const begun = performance.now();
    bare.best(bareWords(round));
    times.push(performance.now() - begun);
    spentMs += times.at(-1)!;
  }
  return times;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function sizeOf(file: string): number {
  return statSync(file).size;
}
