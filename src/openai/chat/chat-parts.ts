import { isObject, type JsonObject } from '../../http/parse-json.ts';
import { messageOf, type ServerMessage } from '../server/server-message.ts';

/** What one JSON value of a chat response contains. */
export type ChatPart =
  /** A piece of the reply. */
  | { readonly kind: 'text'; readonly text: string }
  /** The complete reply; some servers repeat it behind its pieces. */
  | { readonly kind: 'message'; readonly text: string }
  /** The model is thinking, or a server keeps the connection alive. */
  | { readonly kind: 'nothing'; readonly thought?: string }
  /** Why the model stopped: `stop`, `length`, `content_filter`, `tool_calls`. */
  | { readonly kind: 'finish'; readonly reason: string }
  /** An error inside a successful response. */
  | { readonly kind: 'error'; readonly error: ServerMessage }
  /** Damaged JSON. */
  | { readonly kind: 'unreadable' };

/**
 * Reads one chunk or one complete response. Accepted beside OpenAI's shapes: no `choices` or `null` in chunks that hold only usage
 * (Moonshot, DeepInfra), content as a list of parts (Mistral), `message` or `text` in place of `delta`, Ollama's own format
 * (`message` and `done_reason` without `choices`), an error in a choice (OpenRouter), a refusal in place of content (OpenAI). Words
 * are never an error, whatever stands beside them: iFlytek Spark adds `code` and `message` to each chunk.
 */
export function partsOf(value: unknown): ChatPart[] {
  if (!isObject(value)) return [];
  const choices = Array.isArray(value['choices']) ? (value['choices'] as unknown[]) : [];
  const choice = choices.find((one) => isObject(one) && Number(one['index'] ?? 0) === 0);
  const parts = isObject(choice) ? ofChoice(choice) : ofOllama(value);
  if (parts.some(({ kind }) => kind === 'text' || kind === 'message')) return parts;
  const error = messageOf(value);
  if (error !== undefined) return [{ kind: 'error', error }];
  return parts.length > 0 ? parts : [{ kind: 'nothing' }];
}

function ofChoice(choice: JsonObject): ChatPart[] {
  const error = isObject(choice['error']) ? messageOf({ error: choice['error'] }) : undefined;
  if (error !== undefined) return [{ kind: 'error', error }];
  const reason = choice['finish_reason'];
  const words = wordsOf(choice);
  const thought = words.length > 0 ? '' : thoughtOf(choice);
  return [
    ...words,
    ...(thought === '' ? [] : [{ kind: 'nothing', thought } as const]),
    ...(typeof reason === 'string' && reason !== '' ? [finish(reason)] : []),
  ];
}

function wordsOf({ delta, message, text }: JsonObject): ChatPart[] {
  const words = isObject(delta) ? textOf(delta['content']) || textOf(delta['refusal']) : '';
  // Some servers send an empty `delta` beside the complete `message`.
  if (words !== '') return piece('text', words);
  if (isObject(message)) return piece('message', textOf(message['content']) || textOf(message['refusal']));
  return piece('text', textOf(text));
}

/** `reasoning_content`: DeepSeek, vLLM, llama.cpp; `reasoning`: OpenRouter, Ollama, vLLM since 0.11. */
function thoughtOf({ delta, message }: JsonObject): string {
  const holder = isObject(delta) ? delta : message;
  return isObject(holder) ? textOf(holder['reasoning_content']) || textOf(holder['reasoning']) : '';
}

/** `{"message": {"content"}, "done": false}`; the last line adds `done_reason`. */
function ofOllama({ message, done, done_reason: reason }: JsonObject): ChatPart[] {
  const words = isObject(message) ? piece('text', textOf(message['content'])) : [];
  if (done !== true) return words;
  return [...words, finish(typeof reason === 'string' ? reason : 'stop')];
}

function finish(reason: string): ChatPart {
  return { kind: 'finish', reason };
}

function piece(kind: 'text' | 'message', text: string): ChatPart[] {
  return text === '' ? [] : [{ kind, text }];
}

/** Content is a string, or a list of parts of which only the text counts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (isObject(content)) return isThought(content) ? '' : textOf(content['text'] ?? content['content']);
  return Array.isArray(content) ? content.map(textOf).join('') : '';
}

function isThought({ type }: JsonObject): boolean {
  return typeof type === 'string' && /think|reason/u.test(type);
}
