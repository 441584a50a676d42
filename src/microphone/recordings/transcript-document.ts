import { z } from 'zod';
import { TRANSCRIPTION_STATES, type MicrophoneUtterance } from '../../catalogue/microphone-entry.ts';
import { parseJson } from '../../http/parse-json.ts';
import { keywordsOf } from '../../records/text/keywords.ts';

/** Milliseconds into a recording. */
const moment = z.number('must be milliseconds').min(0, 'must be 0 or more');
const MAX_SPEAKER_LENGTH = 100;
/** Text without control characters. */
const PLAIN = /^[\P{Cc}\s]*$/u;

export const rangeSchema = z.strictObject({ startMs: moment, endMs: moment });
export const utteranceSchema = z.strictObject({
  startMs: moment,
  endMs: moment,
  text: z.string().regex(PLAIN, 'must be plain text, without control characters'),
  speaker: z
    .string()
    .min(1, 'must not be empty')
    .max(MAX_SPEAKER_LENGTH, `may be at most ${MAX_SPEAKER_LENGTH} characters long`)
    .regex(PLAIN, 'must be plain text, without control characters')
    .optional()
    .describe('Who speaks, if the transcription service tells voices apart'),
});

const documentSchema = z.object({
  transcription: z.enum(TRANSCRIPTION_STATES),
  language: z.string().optional(),
  keywords: z.array(z.string()),
  utterances: z.array(utteranceSchema),
  missing: z.array(rangeSchema),
});

/** A recording's transcript as its `.json` stores it. `missing`: ranges that could not be transcribed. */
export type TranscriptDocument = Readonly<z.infer<typeof documentSchema>>;
export type MissingRange = z.infer<typeof rangeSchema>;

/** A recording that has no text (yet). */
export function documentWithoutText(transcription: 'pending' | 'failed' | 'none'): TranscriptDocument {
  return { transcription, keywords: [], utterances: [], missing: [] };
}

/** A complete transcript. `language`: BCP 47. */
export function documentOf(
  utterances: readonly MicrophoneUtterance[],
  missing: readonly MissingRange[],
  language: string,
): TranscriptDocument {
  const inOrder = [...utterances].sort((a, b) => a.startMs - b.startMs);
  const keywords = keywordsOf(
    inOrder.map(({ text }) => text),
    language,
  );
  return { transcription: 'done', language, keywords, utterances: inOrder, missing: [...missing] };
}

export function documentJson(document: TranscriptDocument): string {
  return `${JSON.stringify({ version: 1, ...document }, null, 2)}\n`;
}

/** Undefined if something else wrote the file. */
export function parseDocument(text: string): TranscriptDocument | undefined {
  return documentSchema.safeParse(parseJson(text)).data;
}

/** One line per utterance, `[01:05-01:07] A: Words.`; a missing part is a line too. */
export function transcriptText({ utterances, missing }: TranscriptDocument): string {
  const silent = missing.map((range): MicrophoneUtterance => ({ ...range, text: '[not transcribed]' }));
  return [...utterances, ...silent]
    .sort((a, b) => a.startMs - b.startMs)
    .map(({ startMs, endMs, text, speaker }) => {
      const who = speaker === undefined ? '' : `${speaker}: `;
      return `[${clock(startMs)}-${clock(endMs)}] ${who}${text.replace(/\s+/gu, ' ').trim()}\n`;
    })
    .join('');
}

const LINE = /^\[(?:(\d+):)?(\d+):(\d\d)[-–](?:(\d+):)?(\d+):(\d\d)\] (.+)$/u;

/** Utterances of a text; lines without times are one utterance that may be anywhere in the recording. */
export function utterancesOfText(text: string, durationMs: number): MicrophoneUtterance[] {
  const lines = text.split(/\r\n|\r|\n/u).filter((line) => line.trim() !== '');
  const dated = lines.map((line) => LINE.exec(line));
  if (dated.includes(null)) return [{ startMs: 0, endMs: durationMs, text: lines.join('\n') }];
  return dated.flatMap((parts) => {
    const [, startHours, startMinutes, startSeconds, endHours, endMinutes, endSeconds, words] = parts!;
    if (words === '[not transcribed]') return [];
    const ms = (hours = '0', minutes = '0', seconds = '0') =>
      ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
    const startMs = ms(startHours, startMinutes, startSeconds);
    return [{ startMs, endMs: Math.max(startMs, ms(endHours, endMinutes, endSeconds)), text: words! }];
  });
}

/** `01:05`, or `1:01:05`. */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3_600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
