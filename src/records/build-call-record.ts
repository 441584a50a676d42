import path from 'node:path';
import { callOutcome } from './call-outcome.ts';
import type { CallRecord } from './call-record.ts';
import type { ReconstructedCall } from './reconstructed-call.ts';
import type { RecordingFile } from './recording/recording-writer.ts';
import { extractiveSummary } from './text/extractive-summary.ts';
import { keywordsOf } from './text/keywords.ts';
import type { TranscriptTurn } from './text/transcript.ts';

/** A recording with the time of its creation and, with an object store, its address there. */
export type DatedRecording = RecordingFile & {
  readonly createdAtMs: number;
  readonly url?: string | undefined;
};

/** What a call's `.json` is built from. */
export interface RecordSources {
  readonly call: ReconstructedCall;
  readonly turns: readonly TranscriptTurn[];
  readonly summary: { readonly text: string; readonly by: 'chat' | 'extract' };
  readonly recording: DatedRecording | undefined;
  readonly files: CallRecord['files'];
  readonly language: string;
  readonly store: string | undefined;
}

/** A call's `.json` without annotations. */
export function buildCallRecord(sources: RecordSources): CallRecord {
  const { call, turns, summary, recording } = sources;
  return {
    version: 1,
    callSid: call.callSid,
    from: call.from,
    to: call.to,
    startedAt: new Date(call.startedAtMs).toISOString(),
    completedAt: new Date(call.endedAtMs).toISOString(),
    endReason: call.endReason ?? null,
    outcome: callOutcome(call),
    durationMs: Math.round(call.lengthMs),
    format: call.format,
    summary: summary.text,
    summaryBy: summary.by,
    keywords: keywordsOf(callerTexts(turns), sources.language),
    pending: turns.filter((turn) => turn.pending).length,
    turns: turns.map(rounded),
    streams: call.streams.map(({ streamSid, startMs, lengthMs }) => ({ streamSid, startMs, lengthMs })),
    audio: recording ? audioOf(recording) : null,
    files: sources.files,
    figures: call.figures,
    store: sources.store,
  };
}

/** The chat model's summary, or one made by rule. */
export function summaryOf(
  call: ReconstructedCall,
  turns: readonly TranscriptTurn[],
): { readonly text: string; readonly by: 'chat' | 'extract' } {
  return call.summary ?? { text: extract(turns), by: 'extract' };
}

/** Our greeting says nothing about the subject of the call. */
function callerTexts(turns: readonly TranscriptTurn[]): string[] {
  return spokenByCaller(turns).flatMap(({ text }) => (text === undefined ? [] : [text]));
}

function spokenByCaller(turns: readonly TranscriptTurn[]): TranscriptTurn[] {
  return turns.filter(({ speaker, kind }) => speaker === 'caller' && kind === 'speech');
}

/** A summary by rule. Without any text it states how long the caller spoke. */
function extract(turns: readonly TranscriptTurn[]): string {
  const spoken = spokenByCaller(turns);
  const texts = spoken.map((turn) => turn.text ?? '').filter((text) => text !== '');
  const unknown = spoken.filter((turn) => turn.text === undefined);
  if (texts.length > 0 || unknown.length === 0) return extractiveSummary(texts);
  const seconds = Math.round(unknown.reduce((sum, turn) => sum + turn.endMs - turn.startMs, 0) / 1_000);
  const state = unknown.some((turn) => turn.pending) ? 'not yet transcribed' : 'not transcribed';
  return `The caller spoke for ${seconds} s; the words are ${state}.`;
}

function audioOf({ path: target, createdAtMs, ...rest }: DatedRecording): CallRecord['audio'] {
  return { ...rest, file: path.basename(target), createdAt: new Date(createdAtMs).toISOString() };
}

function rounded({ bounds, ...turn }: TranscriptTurn): TranscriptTurn {
  const tenth = (ms: number): number => Math.round(ms * 10) / 10;
  const times = { ...turn, startMs: tenth(turn.startMs), endMs: tenth(turn.endMs) };
  return bounds ? { ...times, bounds: { fromMs: tenth(bounds.fromMs), toMs: tenth(bounds.toMs) } } : times;
}
