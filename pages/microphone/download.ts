import { clock } from '../frame/moments.ts';
import type { WrittenLine } from './dictation.ts';
import type { Stretch } from './unwritten-stretches.ts';

const MISSING = '[not transcribed]';

/** One line per utterance with its start and end; a missing part is a line too. */
export function transcriptText(lines: readonly WrittenLine[], missing: readonly Stretch[]): string {
  return [...lines, ...missing.map((stretch) => ({ ...stretch, text: MISSING }))]
    .sort((a, b) => a.startMs - b.startMs)
    .map(({ startMs, endMs, text }) => `[${clock(startMs)}-${clock(endMs)}] ${text}\n`)
    .join('');
}

/** Starts a download of a generated file. */
export function download(name: string, file: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
