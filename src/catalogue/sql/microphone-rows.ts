import type { MicrophoneRecording, Page, PageRequest } from '../catalogue.ts';
import { checkLimit, readCursor, writeCursor } from '../cursor.ts';
import { escapeText, unescapeText } from '../text-escaping.ts';
import type { Db, Tx } from './dialects/sql-dialect.ts';

const ASKED = ['microphone'];

export async function putMicrophone(tx: Tx, recording: MicrophoneRecording): Promise<void> {
  const name = escapeText(recording.name);
  await tx.deleteFrom('microphone_recordings').where('name', '=', name).execute();
  await tx
    .insertInto('microphone_recordings')
    .values({
      name,
      created_at_ms: recording.createdAtMs,
      size_bytes: recording.sizeBytes,
      duration_ms: recording.durationMs,
      sha256: recording.sha256,
    })
    .execute();
}

export async function listMicrophone(db: Db, page: PageRequest): Promise<Page<MicrophoneRecording>> {
  checkLimit(page);
  let query = db.selectFrom('microphone_recordings').selectAll();
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
  const items = rows.slice(0, page.limit).map((row) => ({
    name: unescapeText(row.name),
    createdAtMs: row.created_at_ms,
    sizeBytes: row.size_bytes,
    durationMs: row.duration_ms,
    sha256: row.sha256,
  }));
  const last = items.at(-1);
  if (rows.length <= page.limit || !last) return { items };
  return { items, next: writeCursor(ASKED, [last.createdAtMs, last.name]) };
}
