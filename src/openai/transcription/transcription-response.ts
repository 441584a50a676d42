import { isObject, type JsonObject, parseJson } from '../../http/parse-json.ts';
import { messageOf, readServerMessage, type ServerMessage } from '../server/server-message.ts';

/** The words of a response, or why it has none that can be read. An empty text means that nothing was said. */
export type TranscriptionResponse =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'error'; readonly error: ServerMessage };

/** A line of a subtitle file that is not speech: its header, a number, or a time range. */
const SUBTITLE_LINE = /^(WEBVTT.*|\d+|(\d\d:)?\d\d:\d\d[.,]\d{3} --> .*|NOTE .*)$/u;
const TIME_RANGE = /\d\d:\d\d[.,]\d{3} --> /u;

/**
 * Reads the response of a transcription server by its content, whatever its content type: a JSON object with `text`, a JSON string,
 * a list of segments, server-sent events, subtitles, or plain text. An error or a page inside a successful response is an error;
 * so is JSON without words, because silence is an empty `text`.
 */
export function readTranscription(body: string, contentType: string): TranscriptionResponse {
  const text = body.replace(/^\uFEFF/u, '').trim();
  const json = parseJson(text);
  if (json !== undefined) return ofJson(json);
  if (/^(<!doctype|<html|<\?xml|<head|<body)/iu.test(text))
    return { kind: 'error', error: readServerMessage(text) };
  if (/^(data|event|id): ?/u.test(text)) return ofEvents(text);
  if (text === '' && /json/iu.test(contentType)) return unreadable('an empty response');
  if (/^[{[]/u.test(text) && /json/iu.test(contentType)) return unreadable('damaged JSON');
  return { kind: 'text', text: TIME_RANGE.test(text) ? withoutTimes(text) : text };
}

function ofJson(json: unknown): TranscriptionResponse {
  const text = textOf(json);
  if (text !== undefined) return { kind: 'text', text: text.trim() };
  const error = messageOf(json);
  return error === undefined ? unreadable('JSON without a text') : { kind: 'error', error };
}

/** Fields in which servers put the words; `segments` alone is what whisperx and some builds of faster-whisper return. */
function textOf(json: unknown): string | undefined {
  if (typeof json === 'string') return json;
  if (typeof json === 'number') return String(json);
  if (Array.isArray(json)) {
    const texts = (json as unknown[]).map(textOf);
    return texts.every((text) => text !== undefined) ? joined(texts) : undefined;
  }
  if (!isObject(json)) return undefined;
  for (const name of ['text', 'transcript', 'transcription'] as const) {
    const value = json[name];
    if (typeof value === 'string') return value;
  }
  if (json['text'] === null) return '';
  const segments = json['segments'] ?? json['results'];
  return Array.isArray(segments) ? textOf(segments) : undefined;
}

function joined(texts: readonly string[]): string {
  return texts.map((text) => text.trim()).join(' ');
}

/** `{"type": "transcript.text.delta", "delta"}` and a final `{"type": "transcript.text.done", "text"}`, or segments (speaches). */
function ofEvents(text: string): TranscriptionResponse {
  const values = text
    .split(/\r\n|\r|\n/u)
    .flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trim()] : []))
    .filter((data) => data !== '' && data !== '[DONE]')
    .map((data) => parseJson(data) ?? data);
  const error = values.map(messageOf).find((one) => one !== undefined);
  if (error !== undefined) return { kind: 'error', error };
  const done = values.findLast((value) => isObject(value) && value['type'] === 'transcript.text.done');
  if (done !== undefined) return ofJson(done);
  const deltas = values.filter((value) => isObject(value) && typeof value['delta'] === 'string');
  if (deltas.length > 0)
    return {
      kind: 'text',
      text: deltas
        .map((value) => (value as JsonObject)['delta'])
        .join('')
        .trim(),
    };
  return values.length > 0 ? ofJson(values) : unreadable('an event stream without a text');
}

function withoutTimes(text: string): string {
  const lines = text.split(/\r\n|\r|\n/u).map((line) => line.trim());
  return joined(lines.filter((line) => line !== '' && !SUBTITLE_LINE.test(line)));
}

function unreadable(message: string): TranscriptionResponse {
  return { kind: 'error', error: { message, code: 'unreadable', param: undefined, shape: 'empty' } };
}
