import { STATUS_CODES } from 'node:http';
import { parseServerJson, readJsonValues } from '../server/json-values.ts';
import { isObject } from '../../http/parse-json.ts';
import { messageOf, readServerMessage, type ServerMessage } from '../server/server-message.ts';

/** The words of a response, or why it has none that can be read. An empty text means that nothing was said. */
export type TranscriptionResponse =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'error'; readonly error: ServerMessage };

/** A line of a subtitle file that is not speech: its header, a number, or a time range. */
const SUBTITLE_LINE = /^(WEBVTT.*|(\d\d:)?\d\d:\d\d[.,]\d{3} --> .*|NOTE .*)$/u;
const TIME_RANGE = /\d\d:\d\d[.,]\d{3} --> /u;
/** Before its first time range a WebVTT file has fields: `Kind: captions`. Cues have tags: `<v Anna>`, `<c.loud>`, `<00:01.500>`. */
const VTT_FIELD = /^\p{L}[\p{L}-]*: ?\S+$/u;
const VTT_TAG =
  /<(?:\/?[vcibu](?:[. ][^<>\n]*)?|\/?(?:ruby|rt|lang)(?:[. ][^<>\n]*)?|(?:\d\d:)?\d\d:\d\d\.\d{3})>/gu;
/** openai/whisper: whisper/utils.py, `WriteTSV`. */
const TSV_HEADER = 'start\tend\ttext\n';

/**
 * Reads the response of a transcription server by its content, whatever its content type: a JSON object with `text`, a JSON string,
 * a list of segments, server-sent events, subtitles, or plain text. An error or a page inside a successful response is an error;
 * so is JSON without words, because silence is an empty `text`.
 */
export function readTranscription(body: string, contentType: string): TranscriptionResponse {
  const text = body.replace(/^\uFEFF/u, '').trim();
  const json = parseServerJson(text);
  // A number that is spoken is not a number of JSON: "3.50" and long ones would change.
  if (json !== undefined && typeof json !== 'number') return withoutMarks(ofJson(json));
  if (PAGE.test(text)) return { kind: 'error', error: readServerMessage(text) };
  if (/^(?:(?:data|event|id|retry): ?|:)/u.test(text)) return withoutMarks(ofEvents(text));
  if (text === '' && /json/iu.test(contentType)) return unreadable('an empty response');
  if (JSON_BEGUN.test(text)) return withoutMarks(ofSeveral(text));
  if (isErrorLine(text)) return { kind: 'error', error: readServerMessage(text) };
  return withoutMarks({
    kind: 'text',
    text: TIME_RANGE.test(text) ? withoutTimes(text) : withoutColumns(text),
  });
}

/** HTML or XML. Tokens of models begin with `<|`. */
const PAGE = /^<(?!unk>|s>)[!?a-z]/iu;
const JSON_BEGUN = /^[\s\p{Cc}]*(?:\{\s*["}]|\[\s*[{"[\]])/u;
/** What servers and proxies send as plain text with status 200. */
const ERROR_LINE =
  /^(?:(?:internal server error|bad gateway|service unavailable|gateway time-?out|unauthorized|context deadline exceeded|no healthy upstream|service temporarily unavailable|stream timeout)(?:[.:\n-].*)?$|error code: \d{3,4}$|cuda (?:error|out of memory)\b|upstream (?:error|connect error|timed out)|error: |traceback )/isu;
/** Servers in Python that write an exception: "RuntimeError: …", "torch.OutOfMemoryError: …". */
const EXCEPTION = /^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception): \S/u;
/** Gateways that refuse a request in one line: "rate limit exceeded", "model whisper-1 not found", "invalid api key". */
const REFUSAL =
  /^(?:(?:api |daily |monthly |your )?(?:rate[ _-]?limit|quota|usage limit|credit limit)\b.*\b(?:exceeded|reached|exhausted)|(?:model|deployment|route|endpoint|resource)\b.*\bnot[ _](?:found|loaded|ready|available)|(?:invalid|missing|incorrect|expired) (?:api[ _-]?key|token|credentials|authorization)|insufficient (?:quota|credits?|funds|balance)|connection (?:refused|reset|timed out))\b/iu;
/** A caller's sentence is longer, or ends with a full stop; a server names parts of itself. */
const TECHNICAL = /[_"'{}/]|\w-\d|\b(?:api|http|upstream|token|header|request)\b/iu;
const MAX_REFUSAL_WORDS = 6;
const MAX_ERROR_LENGTH = 300;

/** Also "Too Many Requests" as HTTP writes it, and "404 page not found" of Go's server. */
function isErrorLine(text: string): boolean {
  if (text.length > MAX_ERROR_LENGTH) return false;
  const [, code, reason] = /^(?:([45]\d\d)[ :-]+)?([^\n]*)$/u.exec(text) ?? [];
  const isReason = Object.entries(STATUS_CODES).some(
    ([each, phrase]) =>
      phrase !== undefined &&
      Number(each) >= 400 &&
      // A caller's words without a code end with a full stop, or have one capital.
      (code === each
        ? phrase.toLowerCase() === reason?.toLowerCase()
        : phrase.includes(' ') && phrase === text),
  );
  const isShort = text.split(/\s+/u).length <= MAX_REFUSAL_WORDS && !/[.,?!]/u.test(text);
  const isRefusal = REFUSAL.test(text) && (isShort || TECHNICAL.test(text));
  return (
    isReason || text === '404 page not found' || ERROR_LINE.test(text) || EXCEPTION.test(text) || isRefusal
  );
}

/** Several JSON values, in lines of their own or one after the other. */
function ofSeveral(text: string): TranscriptionResponse {
  const values = readJsonValues(text) ?? [];
  return values.length < 1 ? unreadable('damaged JSON') : ofJson(values);
}

/**
 * Marks within the words: SenseVoice's tags, tokens of Whisper, what whisper.cpp and faster-whisper write for times and for silence,
 * speakers of whisperX (whisperx/utils.py).
 */
const MARKS =
  /<\|[^<>|]{0,40}\|>|<\/?s>|<unk>|^language \w{2,20}<asr_text>|\[[\d:.,]{1,12}s? --?> [\d:.,]{1,12}s?\]|\[SPEAKER_\d\d\]:|\[(?:BLANK_AUDIO|SILENCE|_[A-Z]+_\d*\]?)\]?/gu;

function withoutMarks(response: TranscriptionResponse): TranscriptionResponse {
  if (response.kind === 'error' || !/[<[]/u.test(response.text)) return response;
  return { kind: 'text', text: response.text.replace(MARKS, ' ').replace(/\s+/gu, ' ').trim() };
}

function ofJson(json: unknown): TranscriptionResponse {
  const text = textOf(json);
  const error = messageOf(json);
  if (
    text?.trim() === '' &&
    isObject(json) &&
    (json['success'] === false || UNFINISHED.test(String(json['status'])))
  )
    return unreadable(`no text: ${JSON.stringify(json).slice(0, 200)}`);
  // An error beside an empty text is no silence.
  if (text !== undefined && (text.trim() !== '' || error === undefined))
    return { kind: 'text', text: text.trim() };
  return error === undefined ? unreadable('JSON without words') : { kind: 'error', error };
}

/** Fields with parts of the words, by server: whisperx and faster-whisper; Deepgram; transformers; FunASR; whisper.cpp; gateways;
 * DashScope and ElevenLabs; Azure. */
const PARTS = [
  ...[
    'segments',
    'results',
    'chunks',
    'sentences',
    'utterances',
    'channels',
    'transcription',
    'data',
    'result',
    'words',
    'text',
    'transcripts',
    'combinedPhrases',
    'output',
  ],
] as const;
/** A text that is still to come, or never will. */
const UNFINISHED = /^(?:queued|pending|processing|in_progress|started|failed|error|cancell?ed)$/iu;

/** The words, from the first field that has any. */
function textOf(json: unknown): string | undefined {
  if (typeof json === 'string') return json;
  if (Array.isArray(json)) {
    const texts = (json as unknown[]).map(textOf);
    // Numbers beside the words are times.
    return texts.every((text) => text !== undefined) ? joined(texts) : undefined;
  }
  if (!isObject(json)) return undefined;
  const texts = ['text', 'transcript', 'transcription', 'result', 'word', 'output', 'DisplayText'].map(
    (name) => json[name],
  );
  const words = texts.find((value) => typeof value === 'string' && value.trim() !== '');
  if (typeof words === 'string') return words;
  // An empty text may stand beside segments with the words (faster-whisper-server with word times).
  for (const name of PARTS) {
    const ofParts = typeof json[name] === 'object' && json[name] !== null ? textOf(json[name]) : undefined;
    if (ofParts !== undefined) return ofParts;
  }
  // The first one is the most probable.
  const { alternatives } = json;
  if (Array.isArray(alternatives) && alternatives.length > 0) return textOf(alternatives[0]);
  return texts.some((value) => value === '' || typeof value === 'string') || json['text'] === null
    ? ''
    : undefined;
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
    .map((data) => parseServerJson(data) ?? data);
  const named = /^event: ?error\s*$/mu.test(text) ? values.at(-1) : undefined;
  const error =
    values.map(messageOf).find((one) => one !== undefined) ??
    (named === undefined
      ? undefined
      : readServerMessage(typeof named === 'string' ? named : JSON.stringify(named)));
  if (error !== undefined) return { kind: 'error', error };
  const done = values.findLast((value) => isObject(value) && value['type'] === 'transcript.text.done');
  if (done !== undefined) return ofJson(done);
  const deltas = values.map(deltaOf).filter((delta) => delta !== undefined);
  if (deltas.length > 0) return { kind: 'text', text: deltas.join('').trim() };
  return values.length > 0 ? ofJson(values) : unreadable('an event stream without a text');
}

/** A piece of the text: OpenAI's events, or chunks as of chat, which vLLM streams. */
function deltaOf(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const [choice] = Array.isArray(value['choices']) ? (value['choices'] as unknown[]) : [];
  const delta = isObject(choice) && isObject(choice['delta']) ? choice['delta']['content'] : value['delta'];
  return typeof delta === 'string' ? delta : undefined;
}

/** The last column of a table with times. */
function withoutColumns(text: string): string {
  if (!text.startsWith(TSV_HEADER)) return text;
  return joined(
    text
      .slice(TSV_HEADER.length)
      .split('\n')
      .map((line) => line.split('\t').at(2) ?? ''),
  );
}

function withoutTimes(text: string): string {
  const all = text.split(/\r\n|\r|\n/u).map((line) => line.replace(VTT_TAG, '').trim());
  const first = all[0]!.startsWith('WEBVTT') ? all.findIndex((line) => TIME_RANGE.test(line)) : 0;
  const lines = all.filter((line, index) => index >= first || !VTT_FIELD.test(line));
  // A number before a time range counts the subtitles; another one was said.
  const isCount = (index: number): boolean =>
    /^\d+$/u.test(lines[index]!) && TIME_RANGE.test(lines[index + 1] ?? '');
  return joined(lines.filter((line, index) => line !== '' && !isCount(index) && !SUBTITLE_LINE.test(line)));
}

function unreadable(message: string): TranscriptionResponse {
  return { kind: 'error', error: { message, code: 'unreadable', param: undefined, shape: 'empty' } };
}
