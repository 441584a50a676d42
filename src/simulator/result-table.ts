import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { CallFiles } from '../records/write-call-files.ts';
import { recordingName } from '../records/recording/render-recording.ts';
import { duration, fileSize } from '../records/text/summary-file.ts';

/** The result of a call for people: a table of its files, and its transcript. */
export function resultTable({ json, lines }: CallFiles, directory: string): string {
  const { audio, callSid } = json;
  const length = duration(json.durationMs);
  const rows = [['What', 'Format', 'Length', 'Size', 'Path']];
  if (audio) {
    const bitrate = audio.bitrateKbps === undefined ? '' : ` ${audio.bitrateKbps} kbit/s`;
    const sound = `${audio.format}${bitrate}, ${audio.sampleRateHz} Hz, ${audio.channels === 2 ? 'stereo' : 'mono'}`;
    rows.push(row('recording', sound, length, path.join(directory, recordingName(callSid, audio.format))));
  }
  rows.push(row('transcript', 'text', `${lines.length} lines`, path.join(directory, json.files.transcript)));
  rows.push(row('summary', 'text', '', path.join(directory, json.files.summary)));
  rows.push(row('for programs', 'JSON', '', path.join(directory, `call_${callSid}.json`)));
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((one) => one[column]!.length)));
  const table = rows.map((one) =>
    one
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  table.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return [
    ...table,
    '',
    'Transcript:',
    ...lines.map((line) => `  ${line}`),
    '',
    `Summary: ${json.summary}`,
  ].join('\n');
}

function row(what: string, format: string, length: string, file: string): string[] {
  return [what, format, length, existsSync(file) ? fileSize(statSync(file).size) : 'missing', file];
}
