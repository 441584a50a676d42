import type { Insertable } from 'kysely';
import { unescapeText } from '../text-escaping.ts';
import type { SqlDialect, Tx } from './dialects/sql-dialect.ts';
import type { TurnRow } from './schema.ts';
import { freeIds } from './turn-ids.ts';
import type { TurnColumns } from './turn-rows.ts';

const ROWS_AT_ONCE = 50;
/** The maximum size of one statement: servers accept a few megabytes. */
const CHARACTERS_AT_ONCE = 500_000;

/** What turns belong to: a call, or a recording of the microphone. */
export interface TurnOwner {
  /** The `call_id` of its turns. */
  readonly id: number;
  /** The CallSid, or a name that is none. */
  readonly key: string;
  readonly startedAtMs: number;
}

/** A turn with its search tokens. */
export interface IndexedTurn {
  readonly columns: TurnColumns;
  readonly tokens: readonly string[];
}

/** Where turns are inserted. */
interface TurnPlaces {
  /** Ids of turns by their names, as far as they had one. */
  readonly ids: ReadonlyMap<string, number>;
  readonly firstPlace: number;
}

/** Writes turns and their index entries, within a transaction. */
export class SqlTurnWriter {
  readonly #dialect: SqlDialect;
  readonly #tx: Tx;

  constructor(dialect: SqlDialect, tx: Tx) {
    this.#dialect = dialect;
    this.#tx = tx;
  }

  /** The ids of the existing turns, by name. */
  async ids(ownerId: number): Promise<Map<string, number>> {
    const rows = await this.#tx
      .selectFrom('turns')
      .select(['id', 'turn_id'])
      .where('call_id', '=', ownerId)
      .execute();
    return new Map(rows.map((row) => [unescapeText(row.turn_id), row.id]));
  }

  async insert(
    owner: TurnOwner,
    turns: readonly IndexedTurn[],
    { ids, firstPlace }: TurnPlaces,
  ): Promise<void> {
    if (turns.length === 0) return;
    const idOf = ({ columns }: IndexedTurn): number | undefined => ids.get(unescapeText(columns.turn_id));
    const count = turns.filter((turn) => idOf(turn) === undefined).length;
    const free = await freeIds(this.#tx, owner, { count, before: firstPlace, taken: new Set(ids.values()) });
    const rows = turns.map((turn, index) => {
      const id = idOf(turn) ?? free.shift()!;
      const row = { id, call_id: owner.id, place: firstPlace + index, ...turn.columns };
      return { tokens: turn.tokens, row };
    });
    const sizeOf = ({ row }: (typeof rows)[number]): number =>
      (row.text?.length ?? 0) + (row.unheard?.length ?? 0);
    for (const some of batches(rows, sizeOf)) {
      const values: Insertable<TurnRow>[] = some.map(({ row, tokens }) => ({
        ...row,
        ...this.#dialect.indexColumn(tokens),
      }));
      await this.#tx.insertInto('turns').values(values).execute();
    }
    await this.#dialect.index(
      this.#tx,
      rows.map(({ row, tokens }) => ({ id: row.id, tokens })),
    );
  }

  async removeAll(ownerId: number): Promise<void> {
    await this.#dialect.unindex(this.#tx, ownerId);
    await this.#tx.deleteFrom('turns').where('call_id', '=', ownerId).execute();
  }
}

/** Splits rows into batches that fit one statement. */
function* batches<T>(rows: readonly T[], sizeOf: (row: T) => number): Iterable<readonly T[]> {
  let batch: T[] = [];
  let size = 0;
  for (const row of rows) {
    if (batch.length >= ROWS_AT_ONCE || (batch.length > 0 && size + sizeOf(row) > CHARACTERS_AT_ONCE)) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(row);
    size += sizeOf(row);
  }
  if (batch.length > 0) yield batch;
}
