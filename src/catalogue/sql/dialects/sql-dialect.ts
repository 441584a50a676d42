import type { Kysely, RawBuilder, Transaction } from 'kysely';
import type { TableWords } from '../ddl.ts';
import type { Tables, TurnRow } from '../schema.ts';

export type Db = Kysely<Tables>;
export type Tx = Transaction<Tables>;

/** Turn ids from (included) and before which turns are wanted. */
export interface IdRange {
  readonly from: number;
  readonly before: number;
}

/** What stands in the index for a turn, or must stand in it: phrases of `indexWord`s, and single marks. */
export type Phrases = readonly (readonly string[])[];

/** What sets one SQL database apart from the others. */
export interface SqlDialect {
  readonly db: Db;
  readonly tables: TableWords;
  /** Whether a row that is read can be held until the end of the transaction. */
  readonly locksRows: boolean;
  /** After the tables: the index of words. Each may be run again. */
  readonly indexStatements: readonly string[];
  /** Runs `work` while no other process does. */
  alone(work: (db: Db) => Promise<void>): Promise<void>;
  /** Runs `work` on the database as it is at one moment. */
  atOneMoment<T>(work: (db: Db) => Promise<T>): Promise<T>;
  /** What the row of a turn holds of its index. */
  indexColumn(tokens: readonly string[]): Pick<TurnRow, 'words'>;
  /** Enters turns that stand in their table now into the index, where that is a table of its own. */
  index(tx: Tx, turns: readonly { readonly id: number; readonly tokens: readonly string[] }[]): Promise<void>;
  /** Takes a call's turns out of the index, before they leave their table. */
  unindex(tx: Tx, callId: number): Promise<void>;
  /** The condition that a turn is among the newest `limit` in `range` that hold all phrases. */
  holds(phrases: Phrases, range: IdRange, limit: number): RawBuilder<boolean> | Promise<RawBuilder<boolean>>;
  /** See `Catalogue.scrub`. */
  scrub?(): Promise<boolean>;
  /** What went wrong: two writers met and one must begin again, the database cannot be had, or the fault is ours. */
  judge(error: unknown): 'again' | 'down' | 'ours';
}
