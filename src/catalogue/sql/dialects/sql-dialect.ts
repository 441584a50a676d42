import type { Kysely, RawBuilder, Transaction } from 'kysely';
import type { TableWords } from '../ddl.ts';
import type { Tables, TurnRow } from '../schema.ts';

export type Db = Kysely<Tables>;
export type Tx = Transaction<Tables>;

/** The range of turn ids to search; `from` is inclusive, `before` is exclusive. */
export interface IdRange {
  readonly from: number;
  readonly before: number;
}

/** The tokens of a turn in the index, or those required by a query: phrases of `indexWord`s, and single marks. */
export type Phrases = readonly (readonly string[])[];

/** The differences between SQL databases. */
export interface SqlDialect {
  readonly db: Db;
  readonly tables: TableWords;
  /** Whether a row can be locked until the end of the transaction. */
  readonly locksRows: boolean;
  /** Statements after the tables: the word index. Each is idempotent. */
  readonly indexStatements: readonly string[];
  /** Runs `work` under a lock across processes. */
  alone(work: (db: Db) => Promise<void>): Promise<void>;
  /** Runs `work` on a consistent snapshot of the database. */
  atOneMoment<T>(work: (db: Db) => Promise<T>): Promise<T>;
  /** The index columns in the row of a turn. */
  indexColumn(tokens: readonly string[]): Pick<TurnRow, 'words'>;
  /** Adds turns that are in their table to the index, if the index is a separate table. */
  index(tx: Tx, turns: readonly { readonly id: number; readonly tokens: readonly string[] }[]): Promise<void>;
  /** Removes a call's turns from the index, before they are removed from their table. */
  unindex(tx: Tx, callId: number): Promise<void>;
  /** Makes the word index of the current schema from that of version 2, if they differ. It can be repeated. */
  moveIndex?(db: Db): Promise<void>;
  /** The condition that selects the newest `limit` turns in `range` that contain all phrases. */
  holds(phrases: Phrases, range: IdRange, limit: number): RawBuilder<boolean> | Promise<RawBuilder<boolean>>;
  /** See `Catalogue.scrub`. */
  scrub?(): Promise<boolean>;
  /** Classifies an error: a conflict of two writers (retry), the database is unavailable, or a programming error. */
  classifyError(error: unknown): 'conflict' | 'down' | 'bug';
}
