import { speakerName, type TranscriptTurn, textOfTurn } from './transcript.ts';

/** A cue has to last for it to be shown; a key press does not. */
const SHORTEST_CUE_MS = 500;

/** The transcript as WebVTT (W3C), a cue per turn with its speaker as the voice; its times count into the recording. */
export function transcriptVtt(turns: readonly TranscriptTurn[]): string {
  const cues = turns.flatMap((turn) => {
    const words = textOfTurn(turn);
    if (!words) return [];
    const endMs = Math.max(turn.endMs, turn.startMs + SHORTEST_CUE_MS);
    return `${turn.id}\n${timestamp(turn.startMs)} --> ${timestamp(endMs)}\n<v ${speakerName(turn.speaker)}>${escaped(words)}\n`;
  });
  return ['WEBVTT\n', ...cues].join('\n');
}

/** Hours always, since a player must not have to guess. */
function timestamp(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor(whole / 60_000) % 60;
  const seconds = Math.floor(whole / 1_000) % 60;
  return `${two(hours)}:${two(minutes)}:${two(seconds)}.${String(whole % 1_000).padStart(3, '0')}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
