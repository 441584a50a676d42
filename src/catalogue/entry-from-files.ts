import { existsSync } from 'node:fs';
import path from 'node:path';
import type { CallFile, CatalogueEntry, Hold, Note } from '../records/call-entry.ts';
import { type CallRecord, readCallRecord } from '../records/call-record.ts';
import { digestOf } from '../storage/durable-file.ts';
import { callRecordName } from '../storage/file-names.ts';

/** A file with its measured size. */
interface MeasuredFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * Builds the catalogue entry of a finished call from its files alone, so that the catalogue can be rebuilt. `measured`:
 * the readable files of the call, including its `.json`.
 */
function entryOf(json: CallRecord, measured: readonly MeasuredFile[]): CatalogueEntry {
  return {
    callSid: json.callSid,
    from: json.from,
    to: json.to,
    startedAtMs: Date.parse(json.startedAt),
    state: 'finished',
    format: json.format,
    completedAtMs: Date.parse(json.completedAt),
    durationMs: json.durationMs,
    ...(json.endReason !== null && { endReason: json.endReason }),
    outcome: json.outcome,
    summary: json.summary,
    summaryBy: json.summaryBy,
    pending: json.pending,
    keywords: json.keywords,
    files: filesOf(json, measured).map((file) => located(file, json.store)),
    figures: json.figures,
    notes: (json.notes ?? []).filter(isNote),
    ...(isHold(json.hold) && { hold: json.hold }),
    turns: json.turns,
  };
}

/**
 * Reads a finished call from its files in `directory`. Returns undefined if it has no `.json`. Synchronous: blocks
 * while it reads.
 */
export function entryFromFiles(directory: string, callSid: string): CatalogueEntry | undefined {
  const json = readCallRecord(directory, callSid);
  if (!json) return undefined;
  const { transcript, summary } = json.files;
  const measured = [transcript, summary, callRecordName(callSid)].flatMap((name) => {
    const file = path.join(directory, name);
    return existsSync(file) ? [{ name, ...digestOf(file) }] : [];
  });
  return entryOf(json, measured);
}

/** With its address in the object store, or its future address if the upload is pending. */
function located(file: CallFile, store: string | undefined): CallFile {
  return store === undefined ? file : { ...file, url: `${store}/${file.name}` };
}

function filesOf({ callSid, audio, files }: CallRecord, measured: readonly MeasuredFile[]): CallFile[] {
  const recording = audio && { name: audio.file, sizeBytes: audio.sizeBytes, sha256: audio.sha256 };
  const kinds = {
    transcript: files.transcript,
    summary: files.summary,
    json: callRecordName(callSid),
  } as const;
  return [
    ...(recording ? [{ kind: 'recording' as const, ...recording }] : []),
    ...(Object.keys(kinds) as (keyof typeof kinds)[]).flatMap((kind) => {
      const file = measured.find(({ name }) => name === kinds[kind]);
      return file ? [{ kind, ...file }] : [];
    }),
  ];
}

/** Other programs may have written the file: an invalid note would break every list that contains the call. */
function isNote(note: Partial<Note>): boolean {
  return typeof note.id === 'string' && typeof note.text === 'string' && Number.isFinite(note.atMs);
}

function isHold(hold: Partial<Hold> | null | undefined): hold is Hold {
  return typeof hold?.reason === 'string' && Number.isFinite(hold.sinceMs);
}
