import type { Selectable } from 'kysely';
import type { Page, PageRequest } from '../catalogue.ts';
import { checkLimit, readCursor, writeCursor } from '../cursor.ts';
import {
  type MicrophoneEntry,
  microphoneKey,
  type MicrophoneRecording,
  type MicrophoneUtterance,
  utteranceId,
} from '../microphone-entry.ts';
import { escapeText, unescapeText } from '../text-escaping.ts';
import { INDEXED_WORDS, indexWord, wordsOf } from '../words.ts';
import { orderedTurns } from './call-writer.ts';
import type { Db, SqlDialect, Tx } from './dialects/sql-dialect.ts';
import type { MicrophoneRow } from './schema.ts';
import { MICROPHONE_MARK } from './turn-rows.ts';
import { type IndexedTurn, SqlTurnWriter } from './turn-writer.ts';

const ASKED = ['microphone'];

/** Writes microphone recordings and their utterances, within a transaction. */
export class SqlMicrophoneWriter {
  readonly #tx: Tx;
  readonly #dialect: SqlDialect;
  readonly #turns: SqlTurnWriter;

  constructor(dialect: SqlDialect, tx: Tx) {
    this.#dialect = dialect;
    this.#tx = tx;
    this.#turns = new SqlTurnWriter(dialect, tx);
  }

  async put({ utterances, ...recording }: MicrophoneEntry): Promise<void> {
    const known = await this.#known(recording.name);
    const id = known ?? (await this.#insert(recording));
    if (known !== undefined) {
      await this.#tx.updateTable('microphones').set(columnsOf(recording)).where('id', '=', id).execute();
      await this.#turns.removeAll(-id);
    }
    const { name, createdAtMs: startedAtMs } = recording;
    const rows = utterances.map((utterance, index) => indexed(utterance, utteranceId(index)));
    const owner = { id: -id, key: microphoneKey(name), startedAtMs };
    await this.#turns.insert(owner, rows, { ids: new Map(), firstPlace: 0 });
  }

  async remove(name: string): Promise<boolean> {
    const id = await this.#known(name);
    if (id === undefined) return false;
    await this.#turns.removeAll(-id);
    await this.#tx.deleteFrom('microphones').where('id', '=', id).execute();
    return true;
  }

  /** Locks the row until the transaction ends. */
  async #known(name: string): Promise<number | undefined> {
    let query = this.#tx.selectFrom('microphones').select('id').where('name', '=', escapeText(name));
    if (this.#dialect.locksRows) query = query.forUpdate();
    return (await query.executeTakeFirst())?.id;
  }

  async #insert(recording: MicrophoneRecording): Promise<number> {
    const row = columnsOf(recording);
    const { insertId } = await this.#tx.insertInto('microphones').values(row).executeTakeFirstOrThrow();
    // Not every database returns the generated id.
    return insertId === undefined ? (await this.#known(recording.name))! : Number(insertId);
  }
}

export async function readMicrophone(db: Db, name: string): Promise<MicrophoneEntry | undefined> {
  const row = await db
    .selectFrom('microphones')
    .selectAll()
    .where('name', '=', escapeText(name))
    .executeTakeFirst();
  if (!row) return undefined;
  const turns = await orderedTurns(db, -row.id);
  const utterances = turns.map(
    ({ start_ms: startMs, end_ms: endMs, text, details }): MicrophoneUtterance => ({
      startMs,
      endMs,
      text: unescapeText(text ?? ''),
      speaker: speakerIn(details),
    }),
  );
  return { ...recordingOf(row), utterances };
}

export async function listMicrophone(db: Db, page: PageRequest): Promise<Page<MicrophoneRecording>> {
  checkLimit(page);
  let query = db.selectFrom('microphones').selectAll();
  if (page.cursor !== undefined) {
    const [atMs, name] = readCursor(ASKED, page.cursor, 'ns') as [number, string];
    query = query
      .where('created_at_ms', '<=', atMs)
      .where((eb) => eb.or([eb('created_at_ms', '<', atMs), eb('name', '<', escapeText(name))]));
  }
  const rows = await query
    .orderBy('created_at_ms', 'desc')
    .orderBy('name', 'desc')
    .limit(page.limit + 1)
    .execute();
  const items = rows.slice(0, page.limit).map(recordingOf);
  const last = items.at(-1);
  if (rows.length <= page.limit || !last) return { items };
  return { items, next: writeCursor(ASKED, [last.createdAtMs, last.name]) };
}

/** The speaker of an utterance, from the details of its row. */
export function speakerIn(details: string | null): string | undefined {
  return details === null ? undefined : (JSON.parse(details) as { speaker?: string }).speaker;
}

function columnsOf(recording: MicrophoneRecording) {
  return {
    name: escapeText(recording.name),
    created_at_ms: recording.createdAtMs,
    size_bytes: recording.sizeBytes,
    duration_ms: recording.durationMs,
    sha256: recording.sha256,
    format: recording.format,
    transcription: recording.transcription,
    language: recording.language ?? null,
    keywords: JSON.stringify(recording.keywords),
    words_sha256: recording.wordsSha256 ?? null,
  };
}

function recordingOf(row: Selectable<MicrophoneRow>): MicrophoneRecording {
  return {
    name: unescapeText(row.name),
    createdAtMs: row.created_at_ms,
    sizeBytes: row.size_bytes,
    durationMs: row.duration_ms,
    sha256: row.sha256,
    format: row.format,
    transcription: row.transcription,
    language: row.language ?? undefined,
    keywords: JSON.parse(row.keywords) as string[],
    wordsSha256: row.words_sha256 ?? undefined,
  };
}

function indexed({ startMs, endMs, text, speaker }: MicrophoneUtterance, id: string): IndexedTurn {
  return {
    columns: {
      turn_id: id,
      speaker: 'microphone',
      kind: 'speech',
      start_ms: startMs,
      end_ms: endMs,
      text: escapeText(text),
      unheard: null,
      cut: 0,
      details: speaker === undefined ? null : JSON.stringify({ speaker }),
    },
    tokens: [...wordsOf(text).slice(0, INDEXED_WORDS).map(indexWord), MICROPHONE_MARK],
  };
}
