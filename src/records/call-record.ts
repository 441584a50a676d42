import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { AUDIO_FORMATS, type AudioFormat } from '../audio/formats/formats.ts';
import type { CallEvent } from '../events/call-events.ts';
import { createDirectory } from '../storage/directories.ts';
import { digestOf, writeDurably } from '../storage/durable-file.ts';
import { callRecordName } from '../storage/file-names.ts';
import type { CallOutcome, Hold, Note } from './call-entry.ts';
import { callOutcome } from './call-outcome.ts';
import { reconstructCall } from './reconstruct-call.ts';
import type { ReconstructedCall } from './reconstructed-call.ts';
import {
  type RecordingFile,
  recordingName,
  type RecordingSettings,
  renderRecording,
} from './render-recording.ts';
import { extractiveSummary } from './text/extractive-summary.ts';
import { keywordsOf } from './text/keywords.ts';
import { summaryText } from './text/summary-file.ts';
import { transcriptLines, transcriptOf, type TranscriptTurn } from './text/transcript.ts';
import { readReceiptSync, type UploadReceipt } from './upload-receipt.ts';

/** Where a call's files go, and how its sound is to be written. */
export interface CallFileSettings extends RecordingSettings {
  /** Absolute. */
  readonly directory: string;
  /** A folder on the same file system for what is not complete. */
  readonly temporary: string;
  /** The language that is mostly spoken, as LANGUAGE is set; English where absent. */
  readonly language?: string;
  /** The store that finished files go to afterwards, `s3://bucket/prefix`. */
  readonly store?: string;
  /** Where it is written down what the store holds. */
  readonly receipts?: string;
  /** A file to lock while a `.json` is written over that others may change, too. */
  readonly lock?: string;
}

/** Runs what must not run twice at the same time. */
export type RunLocked = <T>(lock: string, work: () => T) => T;

/** The call for machines: what stands in its `.json`. Times in milliseconds; `startMs`/`endMs` count into the audio. */
export interface CallRecord {
  readonly version: 1;
  readonly callSid: string;
  readonly from: string;
  readonly to: string;
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
        /** Where it lies once the store has it. */
        readonly url?: string;
      })
    | null;
  /** The store that this call's files go to, each as `<store>/<name>`; absent: they stay in the folder. */
  readonly store?: string;
  /** Their names; not their checksums, since the summary says where the folder is. */
  readonly files: { readonly transcript: string; readonly summary: string };
  readonly figures: ReconstructedCall['figures'];
  /** Added by people afterwards; absent: none. */
  readonly notes?: readonly Note[];
  readonly hold?: Hold;
}

export interface CallFiles {
  readonly json: CallRecord;
  readonly lines: readonly string[];
}

/** What has been added to a call and stays when its files are written again. */
function addedTo(json: CallRecord | undefined): Pick<CallRecord, 'notes' | 'hold'> {
  return { ...(json?.notes && { notes: json.notes }), ...(json?.hold && { hold: json.hold }) };
}

export function jsonText(json: CallRecord): string {
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** The `.json` of a finished call, if there is one. */
export function readCallRecord(directory: string, callSid: string): CallRecord | undefined {
  const target = path.join(directory, callRecordName(callSid));
  if (!existsSync(target)) return undefined;
  try {
    return JSON.parse(readFileSync(target, 'utf8')) as CallRecord;
  } catch {
    return undefined;
  }
}

/**
 * Makes all files of a call from its journal: the same journal gives the same files. A recording that is already there
 * and whole is kept, so that late texts cost no second encoding. Blocks while it works, so it belongs into a worker.
 * Throws where the journal holds no call, or the disk refuses.
 */
export async function writeCallFiles(
  events: () => Iterable<CallEvent>,
  settings: CallFileSettings,
  alone: RunLocked = (_lock, work) => work(),
): Promise<CallFiles> {
  const reading = reconstructCall(events());
  if (!reading) throw new Error('the journal does not begin with a call');
  createDirectory(settings.directory);
  const turns = transcriptOf(reading);
  const lines = transcriptLines(turns);
  const { directory, temporary: aside } = settings;
  const files = { transcript: `call_${reading.callSid}.txt`, summary: `call_${reading.callSid}_summary.txt` };
  const mark =
    settings.receipts === undefined ? undefined : readReceiptSync(settings.receipts, reading.callSid);
  const store = mark?.store ?? settings.store;
  const recording = reading.recorded ? await recordingOf(reading, events, settings, mark) : undefined;
  const url = recording && store && `${store}/${path.basename(recording.path)}`;
  const located = recording && { ...recording, ...(url && { url }) };
  const summary = reading.summary ?? { text: extract(turns), by: 'extract' as const };
  const transcript = lines.map((line) => `${line}\n`).join('');
  writeDurably(path.join(directory, files.transcript), aside, transcript);
  writeDurably(
    path.join(directory, files.summary),
    aside,
    summaryText(reading, summary.text, lines, located),
  );
  const keywords = keywordsOf(turns, settings.language ?? 'en');
  const made = {
    ...caseJson(reading, turns, { ...summary, keywords }, located, files),
    ...(store && { store }),
  };
  const json = alone(settings.lock ?? '', () => {
    const whole = { ...made, ...addedTo(readCallRecord(directory, reading.callSid)) };
    writeDurably(path.join(directory, callRecordName(reading.callSid)), aside, jsonText(whole));
    return whole;
  });
  removeOtherFormats(reading, directory, recording);
  return { json, lines };
}

type DatedRecording = RecordingFile & { readonly createdAtMs: number; readonly url?: string };

async function recordingOf(
  reading: ReconstructedCall,
  events: () => Iterable<CallEvent>,
  settings: CallFileSettings,
  mark: UploadReceipt | undefined,
): Promise<DatedRecording> {
  const target = path.join(settings.directory, recordingName(reading.callSid, reading.format));
  const made = readCallRecord(settings.directory, reading.callSid);
  const before = made?.audio;
  if (
    before &&
    made.durationMs === Math.round(reading.lengthMs) &&
    before.format === reading.format &&
    (isDeposited(mark, before) || (existsSync(target) && digestOf(target).sha256 === before.sha256))
  ) {
    const { createdAt, file: _file, url: _url, ...rest } = before;
    return { ...rest, path: target, createdAtMs: Date.parse(createdAt) };
  }
  const recording = await renderRecording(reading, events, settings, { target, aside: settings.temporary });
  return { ...recording, createdAtMs: reading.endedAtMs };
}

/** The recording may have left the folder because the store has it. */
function isDeposited(mark: UploadReceipt | undefined, audio: NonNullable<CallRecord['audio']>): boolean {
  return mark?.files.some(({ name, sha256 }) => name === audio.file && sha256 === audio.sha256) ?? false;
}

/** A summary by rule; a message whose words nobody has understood yet is told by its length. */
function extract(turns: readonly TranscriptTurn[]): string {
  const spoken = turns.filter((turn) => turn.speaker === 'caller' && turn.kind === 'speech');
  const texts = spoken.map((turn) => turn.text ?? '').filter((text) => text !== '');
  const unknown = spoken.filter((turn) => turn.text === undefined);
  if (texts.length > 0 || unknown.length === 0) return extractiveSummary(texts);
  const seconds = Math.round(unknown.reduce((sum, turn) => sum + turn.endMs - turn.startMs, 0) / 1_000);
  const state = unknown.some((turn) => turn.pending) ? 'not yet transcribed' : 'not transcribed';
  return `The caller spoke for ${seconds} s; the words are ${state}.`;
}

function caseJson(
  reading: ReconstructedCall,
  turns: readonly TranscriptTurn[],
  summary: { text: string; by: 'chat' | 'extract'; keywords: readonly string[] },
  recording: DatedRecording | undefined,
  files: CallRecord['files'],
): CallRecord {
  return {
    version: 1,
    callSid: reading.callSid,
    from: reading.from,
    to: reading.to,
    startedAt: new Date(reading.startedAtMs).toISOString(),
    completedAt: new Date(reading.endedAtMs).toISOString(),
    endReason: reading.endReason ?? null,
    outcome: callOutcome(reading),
    durationMs: Math.round(reading.lengthMs),
    format: reading.format,
    summary: summary.text,
    summaryBy: summary.by,
    keywords: summary.keywords,
    pending: turns.filter((turn) => turn.pending).length,
    turns: turns.map(rounded),
    streams: reading.streams.map(({ streamSid, startMs, lengthMs }) => ({ streamSid, startMs, lengthMs })),
    audio: recording ? audioOf(recording) : null,
    files,
    figures: reading.figures,
  };
}

function audioOf(recording: DatedRecording): CallRecord['audio'] {
  const { path: target, createdAtMs, ...rest } = recording;
  return { ...rest, file: path.basename(target), createdAt: new Date(createdAtMs).toISOString() };
}

function rounded(turn: TranscriptTurn): TranscriptTurn {
  const tenth = (ms: number): number => Math.round(ms * 10) / 10;
  return {
    ...turn,
    startMs: tenth(turn.startMs),
    endMs: tenth(turn.endMs),
    ...(turn.bounds && { bounds: { fromMs: tenth(turn.bounds.fromMs), toMs: tenth(turn.bounds.toMs) } }),
  };
}

/** A recording in a format that is no longer wanted, left by an earlier try. */
function removeOtherFormats(
  reading: ReconstructedCall,
  directory: string,
  recording: RecordingFile | undefined,
): void {
  if (!recording) return;
  for (const format of AUDIO_FORMATS) {
    if (format !== reading.format)
      rmSync(path.join(directory, recordingName(reading.callSid, format)), { force: true });
  }
}
/** Every address under which the store may hold something of a call. */

export function uploadedUrls(json: CallRecord): string[] {
  if (json.store === undefined) return [];
  const names = [json.audio?.file, json.files.transcript, json.files.summary, callRecordName(json.callSid)];
  return names.filter((name) => name !== undefined).map((name) => `${json.store}/${name}`);
}
