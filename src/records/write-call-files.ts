import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { AUDIO_FORMATS } from '../audio/formats/formats.ts';
import type { CallEvent } from '../events/call-events.ts';
import { createDirectory } from '../storage/directories.ts';
import { digestOf, writeDurably } from '../storage/durable-file.ts';
import { callRecordName } from '../storage/file-names.ts';
import { buildCallRecord, type DatedRecording, summaryOf } from './build-call-record.ts';
import { type CallRecord, jsonText, readCallRecord } from './call-record.ts';
import { reconstructCall } from './reconstruct-call.ts';
import type { ReconstructedCall } from './reconstructed-call.ts';
import type { RecordingFile, RecordingSettings } from './recording/recording-writer.ts';
import { recordingName, renderRecording } from './recording/render-recording.ts';
import { summaryText } from './text/summary-file.ts';
import { transcriptLines, transcriptOf } from './text/transcript.ts';
import { readReceiptSync, type UploadReceipt } from './upload-receipt.ts';

/** Where a call's files are written, and how its audio is encoded. */
export interface CallFileSettings extends RecordingSettings {
  /** Absolute. */
  readonly directory: string;
  /** A directory on the same file system for incomplete files. */
  readonly temporary: string;
  /** LANGUAGE, the language of most calls (default: English). */
  readonly language?: string | undefined;
  /** The object store that finished files are uploaded to, `s3://bucket/prefix`. */
  readonly store?: string | undefined;
  /** The directory of upload receipts. */
  readonly receipts?: string | undefined;
  /** The file to lock while a `.json` is replaced, because other processes change it too. */
  readonly lock?: string | undefined;
}

/** Runs work while no other process holds the lock. */
export type RunLocked = <T>(lock: string, work: () => T) => T;

export interface CallFiles {
  readonly json: CallRecord;
  readonly lines: readonly string[];
}

export interface WriteCallFilesOptions {
  /** Default: no other process changes the files. */
  readonly runLocked?: RunLocked | undefined;
  /** The call of these events, if they have been read already. */
  readonly call?: ReconstructedCall | undefined;
  /** The call's recording, if it has been written already. */
  readonly recording?: RecordingFile | undefined;
}

/**
 * Writes all files of a call from its journal; the same journal gives the same files. An existing complete recording is
 * kept, so that late texts cost no second encoding. Blocks while it works, so it belongs in a worker thread.
 * Throws if the journal holds no call or the disk refuses.
 */
export async function writeCallFiles(
  events: () => Iterable<CallEvent>,
  settings: CallFileSettings,
  { runLocked = (_lock, work) => work(), call: known, recording: written }: WriteCallFilesOptions = {},
): Promise<CallFiles> {
  const call = known ?? reconstructCall(events());
  if (!call) throw new Error('the journal does not begin with a call');
  createDirectory(settings.directory);
  const receipt =
    settings.receipts === undefined ? undefined : readReceiptSync(settings.receipts, call.callSid);
  const store = receipt?.store ?? settings.store;
  const recording = call.recorded
    ? (existingRecording(call, settings, receipt) ?? {
        ...(written ?? (await render(call, events, settings))),
        createdAtMs: call.endedAtMs,
      })
    : undefined;
  const files = writeCallTexts(call, settings, recording && located(recording, store), store, runLocked);
  if (recording) removeOtherFormats(call, settings.directory);
  return files;
}

function located(recording: DatedRecording, store: string | undefined): DatedRecording {
  return { ...recording, url: store && `${store}/${path.basename(recording.path)}` };
}

/** Writes transcript and summary, and then the `.json`, which marks a finished call. */
function writeCallTexts(
  call: ReconstructedCall,
  settings: CallFileSettings,
  recording: DatedRecording | undefined,
  store: string | undefined,
  runLocked: RunLocked,
): CallFiles {
  const { callSid } = call;
  const { directory, temporary, language = 'en', lock = '' } = settings;
  const write = (name: string, text: string): void =>
    void writeDurably(path.join(directory, name), temporary, text);
  const turns = transcriptOf(call);
  const lines = transcriptLines(turns);
  const summary = summaryOf(call, turns);
  const files = { transcript: `call_${callSid}.txt`, summary: `call_${callSid}_summary.txt` };
  write(files.transcript, lines.map((line) => `${line}\n`).join(''));
  write(files.summary, summaryText(call, summary.text, lines, recording));
  const built = buildCallRecord({ call, turns, summary, recording, files, language, store });
  return runLocked(lock, () => {
    const before = readCallRecord(directory, callSid);
    const json = { ...built, notes: before?.notes, hold: before?.hold };
    write(callRecordName(callSid), jsonText(json));
    return { json, lines };
  });
}

function render(
  call: ReconstructedCall,
  events: () => Iterable<CallEvent>,
  settings: CallFileSettings,
): Promise<RecordingFile> {
  const target = path.join(settings.directory, recordingName(call.callSid, call.format));
  return renderRecording(call, events, settings, { target, aside: settings.temporary });
}

/** The existing recording of the call; undefined if it is not complete. */
function existingRecording(
  call: ReconstructedCall,
  settings: CallFileSettings,
  receipt: UploadReceipt | undefined,
): DatedRecording | undefined {
  const target = path.join(settings.directory, recordingName(call.callSid, call.format));
  const before = readCallRecord(settings.directory, call.callSid);
  const audio = before?.audio;
  if (
    audio &&
    before.durationMs === Math.round(call.lengthMs) &&
    audio.format === call.format &&
    (isUploaded(receipt, audio) || (existsSync(target) && digestOf(target).sha256 === audio.sha256))
  ) {
    const { createdAt, file: _file, url: _url, ...rest } = audio;
    return { ...rest, path: target, createdAtMs: Date.parse(createdAt) };
  }
  return undefined;
}

/** The recording may have left the directory because the object store has it. */
function isUploaded(receipt: UploadReceipt | undefined, audio: NonNullable<CallRecord['audio']>): boolean {
  return receipt?.files.some(({ name, sha256 }) => name === audio.file && sha256 === audio.sha256) ?? false;
}

/** Removes recordings that an earlier attempt wrote in another format. */
function removeOtherFormats(call: ReconstructedCall, directory: string): void {
  for (const format of AUDIO_FORMATS) {
    if (format !== call.format)
      rmSync(path.join(directory, recordingName(call.callSid, format)), { force: true });
  }
}
