import type { CataloguedCall, CatalogueEntry, Hold, Note } from '../../records/call-entry.ts';
import type {
  CallFilter,
  Catalogue,
  LiveCallChanges,
  Page,
  PageRequest,
  SearchHit,
  SearchQuery,
} from '../catalogue.ts';
import type { MicrophoneEntry, MicrophoneRecording } from '../microphone-entry.ts';
import { RequestGate } from '../request-gate.ts';
import { escapeText } from '../text-escaping.ts';
import { listSqlCalls } from './call-list.ts';
import { callOf, holdColumn, notesColumn } from './call-rows.ts';
import { orderedTurns, SqlCallWriter } from './call-writer.ts';
import type { SqlDialect, Tx } from './dialects/sql-dialect.ts';
import { listMicrophone, readMicrophone, SqlMicrophoneWriter } from './microphone-rows.ts';
import { migrate } from './migrate.ts';
import { turnOf } from './turn-rows.ts';
import { searchSqlTurns } from './turn-search.ts';

/** Attempts after conflicts with another writer. */
const TRIES = 10;
/** Entries per transaction: more are not faster and block other writers. */
const ENTRIES_AT_ONCE = 50;

/** The catalogue in a SQL database. Its schema is migrated before the first request. */
export class SqlCatalogue implements Catalogue {
  readonly #dialect: SqlDialect;
  readonly #requests: RequestGate;

  constructor(dialect: SqlDialect) {
    this.#dialect = dialect;
    this.#requests = new RequestGate({
      open: () => migrate(dialect),
      isDown: (error) => dialect.classifyError(error) !== 'bug',
    });
  }

  open(): Promise<void> {
    return this.#requests.answer(() => Promise.resolve());
  }

  putCall(call: Omit<CataloguedCall, 'notes' | 'hold'>): Promise<void> {
    return this.#write((tx) => this.#writer(tx).putCall(call));
  }

  putTurns(callSid: string, turns: CatalogueEntry['turns']): Promise<void> {
    return this.#write((tx) => this.#writer(tx).putTurns(callSid, turns));
  }

  putEntry(entry: CatalogueEntry): Promise<void> {
    return this.putEntries([entry]);
  }

  putEntries(entries: readonly CatalogueEntry[]): Promise<void> {
    return this.#writeEach(entries, (writer, entry) => writer.putEntry(entry));
  }

  putLive(changes: readonly LiveCallChanges[]): Promise<void> {
    return this.#writeEach(changes, async (writer, { callSid, call, turns }) => {
      if (call) await writer.putCall(call);
      await writer.putTurns(callSid, turns);
    });
  }

  get(callSid: string): Promise<CatalogueEntry | undefined> {
    return this.#requests.answer(() =>
      this.#dialect.atOneMoment(async (db) => {
        const row = await db
          .selectFrom('calls')
          .selectAll()
          .where('call_sid', '=', escapeText(callSid))
          .executeTakeFirst();
        return row && { ...callOf(row), turns: (await orderedTurns(db, row.id)).map(turnOf) };
      }),
    );
  }

  list(filter: CallFilter, page: PageRequest): Promise<Page<CataloguedCall>> {
    return this.#requests.answer(() => listSqlCalls(this.#dialect.db, filter, page));
  }

  search(query: SearchQuery, page: PageRequest): Promise<Page<SearchHit>> {
    return this.#requests.answer(() => searchSqlTurns(this.#dialect, query, page));
  }

  putNotes(callSid: string, notes: readonly Note[]): Promise<boolean> {
    return this.#set(callSid, { notes: notesColumn(notes) });
  }

  putHold(callSid: string, hold: Hold | undefined): Promise<boolean> {
    return this.#set(callSid, { hold: holdColumn(hold) });
  }

  remove(callSid: string): Promise<boolean> {
    return this.#write((tx) => this.#writer(tx).remove(callSid));
  }

  scrub(): Promise<boolean> {
    return this.#requests.answer(() => this.#dialect.scrub?.() ?? Promise.resolve(true));
  }

  putMicrophone(entry: MicrophoneEntry): Promise<void> {
    return this.#write((tx) => this.#microphones(tx).put(entry));
  }

  getMicrophone(name: string): Promise<MicrophoneEntry | undefined> {
    return this.#requests.answer(() => this.#dialect.atOneMoment((db) => readMicrophone(db, name)));
  }

  listMicrophone(page: PageRequest): Promise<Page<MicrophoneRecording>> {
    return this.#requests.answer(() => listMicrophone(this.#dialect.db, page));
  }

  removeMicrophone(name: string): Promise<boolean> {
    return this.#write((tx) => this.#microphones(tx).remove(name));
  }

  /** Pending requests are still answered. */
  async close(): Promise<void> {
    if (await this.#requests.end()) await this.#dialect.db.destroy();
  }

  #microphones(tx: Tx): SqlMicrophoneWriter {
    return new SqlMicrophoneWriter(this.#dialect, tx);
  }

  #writer(tx: Tx): SqlCallWriter {
    return new SqlCallWriter(this.#dialect, tx);
  }

  #set(callSid: string, columns: { notes: string } | { hold: string | null }): Promise<boolean> {
    return this.#write(async (tx) => {
      const there = await tx
        .selectFrom('calls')
        .select('id')
        .where('call_sid', '=', escapeText(callSid))
        .executeTakeFirst();
      if (!there) return false;
      await tx.updateTable('calls').set(columns).where('id', '=', there.id).execute();
      return true;
    });
  }

  /** Many calls in one transaction. */
  async #writeEach<T extends { readonly callSid: string }>(
    calls: readonly T[],
    put: (writer: SqlCallWriter, call: T) => Promise<void>,
  ): Promise<void> {
    for (let from = 0; from < calls.length; from += ENTRIES_AT_ONCE) {
      // Calls are written in a fixed order, so that two processes that write the same ones cannot deadlock.
      const some = calls
        .slice(from, from + ENTRIES_AT_ONCE)
        .sort((one, other) => (one.callSid < other.callSid ? -1 : 1));
      await this.#write(async (tx) => {
        const writer = this.#writer(tx);
        for (const call of some) await put(writer, call);
      });
    }
  }

  #write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#requests.answer(async () => {
      for (let tries = 1; ; tries++) {
        try {
          return await this.#dialect.db.transaction().execute(work);
        } catch (error) {
          if (tries >= TRIES || this.#dialect.classifyError(error) !== 'conflict') throw error;
        }
      }
    });
  }
}
