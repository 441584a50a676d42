import Database from 'libsql';
import { indexWord, wordsOf } from '../../src/catalogue/words.ts';

/** The reference: plain FTS5 on the same file, with its own ranking over all matches, in this thread. */
export class BareSearch {
  readonly #database: Database.Database;
  readonly #best: { all(match: string): unknown[] };

  constructor(file: string) {
    this.#database = new Database(file);
    this.#best = this.#database.prepare(
      'select turns.*, rank from turn_words join turns on turns.id = turn_words.rowid where turn_words match ? order by rank limit 20',
    );
  }

  /** The best 20. Words in quotes are a phrase. */
  best(words: string): unknown[] {
    const pieces = words.match(/"[^"]*"|\S+/g) ?? [];
    return this.#best.all(pieces.map((piece) => `"${wordsOf(piece).map(indexWord).join(' ')}"`).join(' '));
  }

  close(): void {
    this.#database.close();
  }
}
