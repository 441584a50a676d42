import type { ReconstructedCall } from '../reconstructed-call.ts';
import type { RecordingFile } from '../recording/recording-writer.ts';

/** `url`: its address in the object store, if it is there. */
type SummarizedRecording = RecordingFile & {
  readonly createdAtMs: number;
  readonly url?: string | undefined;
};

/** The summary file's text; `recording` is absent where no sound was kept. */
export function summaryText(
  call: ReconstructedCall,
  summary: string,
  lines: readonly string[],
  recording: SummarizedRecording | undefined,
): string {
  const text = [
    '=== CALL SUMMARY ===',
    `Call SID: ${call.callSid}`,
    `Call Completed: ${new Date(call.endedAtMs).toISOString()}`,
    `From: ${oneLine(call.from)}`,
    `To: ${oneLine(call.to)}`,
    `Duration: ${duration(call.lengthMs)}`,
    `Summary: ${oneLine(summary)}`,
    '',
    '=== ALL RESPONSES ===',
    ...lines,
    '',
    '=== AUDIO RECORDING ===',
    ...recordingLines(recording),
  ];
  return `${text.join('\n')}\n`;
}

function recordingLines(recording: SummarizedRecording | undefined): string[] {
  if (!recording) return ['Audio File: none (recording is off)'];
  return [
    `Audio File: ${recording.path.slice(recording.path.lastIndexOf('/') + 1)}`,
    `Full Path: ${recording.url ?? recording.path}`,
    `File Size: ${fileSize(recording.sizeBytes)}`,
    `Created: ${new Date(recording.createdAtMs).toISOString()}`,
    `Audio: ${audioLine(recording)}`,
  ];
}

function audioLine(recording: RecordingFile): string {
  const bitrate = recording.bitrateKbps === undefined ? '' : `${recording.bitrateKbps} kbit/s, `;
  return `${recording.format.toUpperCase()}, ${bitrate}${recording.sampleRateHz} Hz, ${recording.channels === 2 ? 'stereo' : 'mono'}`;
}

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function fileSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}
