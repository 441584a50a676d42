import { isObject, type JsonObject } from '../../http/parse-json.ts';
import { parseServerJson } from './json-values.ts';

/** How a server reports an error. */
export type ErrorShape = 'error' | 'detail' | 'message' | 'text' | 'html' | 'empty';

/** What a server said about a failure, whatever the shape of its response. */
export interface ServerMessage {
  /** One sentence, shortened; undefined if the body has none. */
  readonly message: string | undefined;
  readonly code: string | undefined;
  /** The field of the request that the server names, without a path: `language`. */
  readonly param: string | undefined;
  readonly shape: ErrorShape;
}

const MAX_MESSAGE_LENGTH = 300;

const EMPTY: ServerMessage = { message: undefined, code: undefined, param: undefined, shape: 'empty' };

/** Reads the body of an error response: JSON of any known shape, an HTML page, or text. */
export function readServerMessage(body: string): ServerMessage {
  const text = body.replace(/^\uFEFF/u, '').trim();
  if (text === '') return EMPTY;
  const json = parseServerJson(text);
  if (json !== undefined) {
    // An error response says by its status that it is one.
    const flat =
      isObject(json) && textOf(json['message'] ?? json['Message'] ?? json['msg'] ?? json['errorMessage']);
    return messageOf(json) ?? { ...EMPTY, message: shortened(flat || text), shape: 'message' };
  }
  if (text.startsWith('<')) return { ...EMPTY, message: titleOf(text), shape: 'html' };
  return { ...EMPTY, message: shortened(text), shape: 'text' };
}

/**
 * The error in a JSON value; undefined if it holds none. Shapes, by server:
 * - `{"error": {"message", "code", "param"}}`: OpenAI, Azure, Groq, llama.cpp, LiteLLM; OpenRouter adds `metadata.raw`, the
 *   provider's own error
 * - `{"error": "…"}`: Ollama, LM Studio, whisper.cpp
 * - `[{"error": {…}}]`: Gemini's compatible endpoint
 * - `{"detail": "…"}`, `{"detail": [{"loc", "msg"}]}`, `{"detail": {"message"}}`: FastAPI (speaches, Kokoro-FastAPI)
 * - `{"object": "error", "message", "code"}`: vLLM before 0.10
 * - `{"errors": [{"message"}]}`: Cloudflare
 * - `{"error": "Bad Request", "message"}`: NestJS, Spring; `{"fault": {"faultstring"}}`: Apigee; `{"errorMessage"}`: AWS Lambda
 * - `{"base_resp": {"status_code", "status_msg"}}`: MiniMax; `{"error_code", "error_msg"}`: Baidu; `{"success": false, "message"}`
 */
export function messageOf(json: unknown): ServerMessage | undefined {
  if (Array.isArray(json)) return json.length > 0 ? messageOf(json[0]) : undefined;
  if (!isObject(json)) return undefined;
  // NestJS, Spring: `error` is the reason phrase of the status, or `true`.
  if (isPresent(json['error']) && typeof json['error'] !== 'object' && isPresent(json['message']))
    return inner({ message: json['message'], code: json['code'] }, json, 'error');
  if (isPresent(json['error'])) return inner(json['error'], json, 'error');
  // Apigee.
  if (isObject(json['fault'])) return inner(json['fault'], json, 'error');
  if (isDetail(json['detail'])) return inner(json['detail'], json, 'detail');
  if (Array.isArray(json['errors']) && json['errors'].length > 0)
    return inner(json['errors'][0], json, 'error');
  const { base_resp: result } = json;
  if (isObject(result) && isFailureCode(result['status_code']))
    return inner({ message: result['status_msg'], code: result['status_code'] }, json, 'message');
  if (isFailureCode(json['error_code']))
    return inner({ message: json['error_msg'], code: json['error_code'] }, json, 'message');
  const flat = json['message'] ?? json['Message'] ?? json['msg'] ?? json['errorMessage'];
  const failed =
    json['object'] === 'error' ||
    json['type'] === 'error' ||
    json['errorMessage'] !== undefined ||
    /^(?:error|fail|failed|failure)$/iu.test(String(json['status'])) ||
    json['success'] === false ||
    isFailureCode(json['code']);
  return typeof flat === 'string' && failed ? inner(json, json, 'message') : undefined;
}

function inner(value: unknown, outer: JsonObject, shape: ErrorShape): ServerMessage {
  if (!isObject(value) && !Array.isArray(value)) {
    return { ...EMPTY, message: shortened(String(value)), code: nonEmpty(outer['code']), shape };
  }
  if (Array.isArray(value)) {
    const [first] = value as unknown[];
    return first === undefined ? { ...EMPTY, shape } : inner(first, outer, shape);
  }
  const nested = value['error'];
  if (isObject(nested)) return inner(nested, value, shape);
  const metadata = value['metadata'];
  const raw = isObject(metadata) && typeof metadata['raw'] === 'string' ? metadata['raw'] : undefined;
  const [own] = OWN_MESSAGE.map((name) => value[name]).filter(isPresent);
  const message =
    raw === undefined ? own : `${textOf(own) ?? ''} ${readServerMessage(raw).message ?? ''}`.trim();
  return {
    message: shortened(textOf(message) ?? JSON.stringify(value)),
    code: nonEmpty(value['code']) ?? nonEmpty(value['type']),
    param: paramOf(value),
    shape,
  };
}

/** Where an error has its words. */
const OWN_MESSAGE = [
  ...['message', 'msg', 'Message', 'errorMessage', 'error', 'reason', 'faultstring', 'detail', 'title'],
] as const;

/** `param` of OpenAI, or the last name in the `loc` of pydantic: `["body", "response_format"]`. */
function paramOf(value: JsonObject): string | undefined {
  const { param, loc } = value as { param?: unknown; loc?: unknown };
  const named = Array.isArray(loc) ? (loc as unknown[]).findLast((part) => typeof part === 'string') : param;
  if (typeof named !== 'string' || named === '' || named === 'body') return undefined;
  return /^[\w-]+/u.exec(named)?.[0];
}

/** A declaration, or an element with text: `<Error><Code>NoSuchKey</Code>`. */
const XML_START = /^<(?:\?xml\b|[a-z][\w:]*(?:\s[^>]*)?>\s*<[a-z][\w:]*>[^<]+<\/)/iu;
const HTML_ELEMENT =
  /<(?:!doctype html|html|head|title|body|script|style|h\d|p|div|center|pre|br|hr|span|a)\b/iu;

/** The title of an HTML page or an XML document, or its first words. */
function titleOf(html: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/iu.exec(html)?.[1]?.trim();
  const words = title || html.replace(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>/giu, ' ');
  const isXml = XML_START.test(html) && !HTML_ELEMENT.test(html);
  return shortened(`${isXml ? 'an XML document' : 'an HTML page'}: ${words.trim()}`);
}

function shortened(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  return line.length > MAX_MESSAGE_LENGTH ? `${line.slice(0, MAX_MESSAGE_LENGTH)}…` : line;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** Nulls, zeros and empty values beside a good response are no error. */
function isPresent(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== false && value !== '' && value !== 0;
}

/** A sentence, or an object or list that contains one; other objects are statistics. */
function isDetail(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isDetail);
  if (isObject(value)) return ['message', 'msg', 'error', 'reason'].some((name) => isPresent(value[name]));
  return typeof value === 'string' && value !== '';
}

function isFailureCode(code: unknown): boolean {
  return isPresent(code) && !/^(?:0+|2\d\d|ok|success)$/iu.test(String(code));
}
