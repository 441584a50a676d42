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

/** A search of words that stand in at most 1 % of the turns, of a phrase or a number, in SQLite with 100,000 calls. */
export const SEARCH_GOAL_MS = 50;
const BATCH = 200;
const PROGRESS_MS = 5_000;
/** The reference takes seconds over a common word: then it is asked less often. */
const MOST_BARE_MS = 10_000;

/** One kind of question, asked again and again of one catalogue. */
export interface SearchRow {
  readonly calls: number;
  readonly question: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  /** The same of bare FTS5 in the same file, ranked by itself: what is to be compared with. */
  readonly bareP95Ms: number | undefined;
  readonly hasGoal: boolean;
  /** Of the process that asked, while it asked: what a live call would feel. */
  readonly loopP99Ms: number;
}

export interface LoadRow {
  readonly calls: number;
  readonly loadSeconds: number;
  readonly megabytes: number | undefined;
  /** The worst of the questions' own. */
  readonly loopP99Ms: number;
}

export interface SearchBench {
  readonly sizes: readonly number[];
  /** How often each question is asked. */
  readonly rounds: number;
  /** An empty database; without it a SQLite file for each size. */
  readonly url?: string;
}

/** Fills a catalogue to each of the sizes in turn and asks it. */
export async function benchSearch(
  { sizes, rounds, url }: SearchBench,
  told: (line: string) => void,
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
      loadSeconds += await load(catalogue, made, { from: loaded, to: calls }, told);
      loaded = calls;
      const bare = url === undefined ? new BareSearch(file) : undefined;
      const asked = await ask({ catalogue, bare, calls, rounds, told });
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
  readonly told: (line: string) => void;
}

async function load(
  catalogue: Catalogue,
  made: ZipfCalls,
  { from, to }: { readonly from: number; readonly to: number },
  told: (line: string) => void,
): Promise<number> {
  const begun = performance.now();
  let shown = begun;
  let entering = Promise.resolve();
  for (let index = from; index < to; index += BATCH) {
    const entries: CatalogueEntry[] = [];
    for (let each = index; each < Math.min(to, index + BATCH); each++) entries.push(made.call(each));
    // The next calls are made while the last ones are entered.
    await entering;
    entering = catalogue.putEntries(entries);
    if (performance.now() - shown < PROGRESS_MS) continue;
    shown = performance.now();
    const rate = (index - from) / ((shown - begun) / 1_000);
    told(
      `${index} of ${to} calls entered, ${rate.toFixed(0)} a second, ${((to - index) / rate).toFixed(0)} s to go`,
    );
  }
  await entering;
  return (performance.now() - begun) / 1_000;
}

async function ask({ catalogue, bare, calls, rounds, told }: Asking): Promise<SearchRow[]> {
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
      // The goal is the default's, SQLite's.
      ...{ calls, question: name, hasGoal: hasGoal && bare !== undefined },
      ...{ p50Ms: percentile(times, 50), p95Ms: percentile(times, 95), maxMs: Math.max(...times) },
      bareP95Ms: bareTimes.length > 0 ? percentile(bareTimes, 95) : undefined,
      loopP99Ms: Math.max(0, loop.percentile(99) / 1e6 - 1),
    });
    told(`${calls} calls, ${name}: p95 ${rows.at(-1)!.p95Ms.toFixed(1)} ms`);
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
