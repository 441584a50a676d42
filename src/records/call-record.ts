import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { AudioFormat } from '../audio/formats/formats.ts';
import { callRecordName } from '../storage/file-names.ts';
import { callerAddress } from '../events/withheld-number.ts';
import type { CallOutcome, Hold, Note } from './call-entry.ts';
import type { CallFigures } from './reconstructed-call.ts';
import type { RecordingFile } from './recording/recording-writer.ts';
import type { TranscriptTurn } from './text/transcript.ts';

/** A finished call as its `.json` stores it. Times are milliseconds; `startMs` and `endMs` count from the start of the recording. */
export interface CallRecord {
  readonly version: 1;
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
  /** When the first stream started. */
  readonly startedAt: string;
  readonly completedAt: string;
  readonly endReason: string | null;
  readonly outcome: CallOutcome;
  readonly durationMs: number;
  readonly format: AudioFormat;
  readonly summary: string;
  readonly summaryBy: 'chat' | 'extract';
  readonly keywords: readonly string[];
  /** Texts that are still being fetched; 0: the files are final. */
  readonly pending: number;
  readonly turns: readonly TranscriptTurn[];
  readonly streams: readonly {
    readonly streamSid: string;
    readonly startMs: number;
    readonly lengthMs: number;
  }[];
  readonly audio:
    | (Omit<RecordingFile, 'path'> & {
        readonly file: string;
        readonly createdAt: string;
        /** Its address in the object store, once it is there. */
        readonly url?: string | undefined;
      })
    | null;
  /** The object store of this call's files, each at `<store>/<name>`; absent: they stay in the directory. */
  readonly store?: string | undefined;
  /** File names without checksums: the summary contains the path of the directory. */
  readonly files: { readonly transcript: string; readonly summary: string };
  readonly figures: CallFigures;
  /** Annotations; absent: none. */
  readonly notes?: readonly Note[] | undefined;
  readonly hold?: Hold | undefined;
}

export function jsonText(json: CallRecord): string {
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** The `.json` of a finished call, if there is one. */
export function readCallRecord(directory: string, callSid: string): CallRecord | undefined {
  const target = path.join(directory, callRecordName(callSid));
  if (!existsSync(target)) return undefined;
  try {
    const record = JSON.parse(readFileSync(target, 'utf8')) as CallRecord;
    // A file that something else wrote may lack it.
    if (typeof record.from !== 'string') return record;
    return { ...record, from: callerAddress(record.from) };
  } catch {
    return undefined;
  }
}

/** Every address under which the object store may hold a file of a call. */
export function uploadedUrls(json: CallRecord): string[] {
  if (json.store === undefined) return [];
  const names = [json.audio?.file, json.files.transcript, json.files.summary, callRecordName(json.callSid)];
  return names.filter((name) => name !== undefined).map((name) => `${json.store}/${name}`);
}
