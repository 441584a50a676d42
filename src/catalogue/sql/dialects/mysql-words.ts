import { type RawBuilder, sql } from 'kysely';
import type { Db, IdRange, Phrases, Tx } from './sql-dialect.ts';

/** Index words have at most 62 letters, the marks of addresses fewer. */
export const WORD_TABLE = `create table if not exists turn_words (
  word varchar(64) character set ascii collate ascii_bin not null, turn_id bigint not null,
  primary key (word, turn_id), index turn_words_by_turn (turn_id)) engine = InnoDB`;

const ROWS_AT_ONCE = 1_000;
const TURNS_AT_ONCE = 200;
/** Words are counted up to this number, to begin with the rarest one. */
const COUNTED = 2_000;
/** The rarest words select the turns; others hardly reduce them, and the server accepts at most 61 tables in a query. */
const MAX_JOINED = 8;

/** The words of a turn that is in its table. */
export interface TurnWords {
  readonly id: number;
  readonly tokens: readonly string[];
}

/** Replaces the words of turns. */
export async function putWords(db: Db | Tx, turns: readonly TurnWords[]): Promise<void> {
  for (const some of portions(turns, TURNS_AT_ONCE))
    await sql`delete from turn_words where turn_id in (${sql.join(some.map(({ id }) => id))})`.execute(db);
  // In the order of the index, as every writer inserts them.
  const rows = turns
    .flatMap(({ id, tokens }) => [...new Set(tokens)].map((word) => ({ id, word })))
    .sort((one, other) => (one.word < other.word ? -1 : one.word > other.word ? 1 : one.id - other.id));
  for (const some of portions(rows, ROWS_AT_ONCE)) {
    const values = some.map(({ word, id }) => sql`(${word}, ${id})`);
    await sql`insert into turn_words (word, turn_id) values ${sql.join(values)}`.execute(db);
  }
}

/** The join lets the server begin with the turns; with a subquery, older versions read all words. */
export async function removeWords(tx: Tx, callId: number): Promise<void> {
  await sql`delete turn_words from turn_words inner join turns on turns.id = turn_words.turn_id
    where turns.call_id = ${callId}`.execute(tx);
}

/** The condition for turns with all words. Words of a phrase are compared in the turn, in their order. */
export async function turnsWithWords(
  db: Db,
  phrases: Phrases,
  range: IdRange,
  limit: number,
): Promise<RawBuilder<boolean>> {
  const words = await rarestFirst(db, [...new Set(phrases.flat())], range);
  const [first, ...others] = words.slice(0, MAX_JOINED);
  const joins = others.map((word, index) => {
    const table = sql.ref(`w${index}`);
    return sql`straight_join turn_words as ${table} on ${table}.word = ${word} and ${table}.turn_id = w.turn_id`;
  });
  const inOrder = phrases
    .filter((phrase) => phrase.length > 1)
    .map((phrase) => sql`concat(' ', said.words, ' ') like ${`% ${phrase.join(' ')} %`}`);
  if (inOrder.length > 0)
    joins.push(sql`straight_join turns as said on said.id = w.turn_id and ${sql.join(inOrder, sql` and `)}`);
  // A derived table in between: MySQL allows no limit in the innermost subquery, and the order must be kept.
  return sql<boolean>`turns.id in (select id from (select w.turn_id as id
    from turn_words as w force index (primary) ${sql.join(joins, sql` `)}
    where w.word = ${first} and ${inRange(range)}
    order by w.turn_id desc limit ${limit}) as found)`;
}

async function rarestFirst(db: Db, words: readonly string[], range: IdRange): Promise<readonly string[]> {
  if (words.length === 1) return words;
  const counts = words.map((word, place) => {
    const known = sql`select 1 as one from turn_words as w where w.word = ${word} and ${inRange(range)} limit ${COUNTED}`;
    return sql`select ${place} as place, count(*) as count from (${known}) as counted`;
  });
  const query = sql<{ place: number; count: number }>`${sql.join(counts, sql` union all `)}`;
  const { rows } = await query.execute(db);
  return [...rows].sort((one, other) => one.count - other.count).map(({ place }) => words[place]!);
}

function inRange({ from, before }: IdRange): RawBuilder<boolean> {
  return sql<boolean>`w.turn_id >= ${from} and w.turn_id < ${before}`;
}

/** Up to schema version 2, the index was a FULLTEXT index. A repeated step continues, since words are replaced. */
export async function replaceFullTextIndex(db: Db): Promise<void> {
  await sql.raw(WORD_TABLE).execute(db);
  for (let after = -1; ;) {
    const { rows } = await sql<{ id: number; words: string | null }>`select id, words from turns
      where id > ${after} order by id limit ${TURNS_AT_ONCE}`.execute(db);
    if (rows.length === 0) break;
    await putWords(
      db,
      rows.map(({ id, words }) => ({ id, tokens: (words ?? '').split(' ').filter((word) => word !== '') })),
    );
    after = rows.at(-1)!.id;
  }
  const { rows: found } = await sql`select 1 from information_schema.statistics
    where table_schema = database() and table_name = 'turns' and index_name = 'turns_by_words' limit 1`.execute(
    db,
  );
  if (found.length > 0) await sql`alter table turns drop index turns_by_words`.execute(db);
}

function* portions<T>(all: readonly T[], size: number): Iterable<readonly T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}
