import type { SpokenSegment } from '../../call/ports.ts';
import { isObject } from '../../http/parse-json.ts';
import { parseServerJson } from '../server/json-values.ts';

/** The catalogue accepts labels up to this length. */
const MAX_LABEL = 100;

/**
 * Reads the segments of `diarized_json` (OpenAI) and of `verbose_json` with a `speaker` in each segment (WhisperX servers): seconds,
 * text, label. Undefined if the response has words, but no segments of this kind, or none with a speaker.
 */
export function readSpeakerSegments(body: string): SpokenSegment[] | undefined {
  const json = parseServerJson(body.replace(/^\uFEFF/u, '').trim());
  if (!isObject(json) || !Array.isArray(json['segments'])) return undefined;
  const parts = json['segments'] as unknown[];
  const segments = parts.flatMap((part) => segmentOf(part) ?? []);
  if (segments.length < parts.length) return undefined;
  const { text } = json;
  if (segments.length === 0) return typeof text === 'string' && text.trim() === '' ? [] : undefined;
  return segments.some(({ speaker }) => speaker !== undefined) ? segments : undefined;
}

function segmentOf(part: unknown): SpokenSegment | undefined {
  if (!isObject(part)) return undefined;
  const { start, end, text, speaker } = part;
  if (typeof start !== 'number' || typeof end !== 'number' || typeof text !== 'string') return undefined;
  const startMs = Math.max(0, Math.round(start * 1_000));
  const endMs = Math.max(startMs, Math.round(end * 1_000));
  return { startMs, endMs, text: plain(text), speaker: labelOf(speaker) };
}

/** `A`, `SPEAKER_00`, or a number. */
function labelOf(speaker: unknown): string | undefined {
  const label =
    typeof speaker === 'string' || typeof speaker === 'number'
      ? plain(String(speaker)).slice(0, MAX_LABEL)
      : '';
  return label === '' ? undefined : label;
}

function plain(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
