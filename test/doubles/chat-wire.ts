import { isRecord } from '../../src/simulator/json-object.ts';

/** Chat completions as they stand on the wire. */

/** The answer to a request with `stream`: server-sent events, one a token, and how it ends. */
export function streamedCompletion(body: Readonly<Record<string, unknown>>, content: string): string[] {
  const event = (choices: unknown[], more = {}) =>
    `data: ${JSON.stringify({ ...completion(body, 'chat.completion.chunk'), choices, ...more })}\n\n`;
  const choice = (delta: object, finish_reason: string | null = null) =>
    event([{ index: 0, delta, finish_reason }]);
  const pieces = [
    choice({ role: 'assistant', content: '' }),
    ...tokensOf(content).map((token) => choice({ content: token })),
    choice({}, 'stop'),
  ];
  const { stream_options: wishes } = body;
  if (isRecord(wishes) && wishes['include_usage'] === true)
    pieces.push(event([], { usage: usageOf(content) }));
  return [...pieces, 'data: [DONE]\n\n'];
}

/** The answer to a request without `stream`. */
export function wholeCompletion(body: Readonly<Record<string, unknown>>, content: string): object {
  const message = { role: 'assistant', content, refusal: null };
  return {
    ...completion(body, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
    usage: usageOf(content),
  };
}

function completion(body: Readonly<Record<string, unknown>>, object: string): object {
  return { id: 'chatcmpl-stand-in', object, created: 1_700_000_000, model: body['model'] };
}

function usageOf(content: string): object {
  const completion_tokens = tokensOf(content).length;
  return { prompt_tokens: 0, completion_tokens, total_tokens: completion_tokens };
}

/** Words with the space before them, as models write. */
export function tokensOf(text: string): string[] {
  return text.match(/\s*\S+/g) ?? [];
}

/** The messages of a request; text parts are joined. Undefined when there are none. */
export function messagesOf(body: Record<string, unknown>): { role: string; text: string }[] | undefined {
  const { messages } = body;
  if (!Array.isArray(messages) || messages.length === 0) return undefined;
  return messages.map((message: unknown) => {
    if (!isRecord(message)) return { role: '', text: '' };
    const { role, content } = message;
    const parts: unknown[] = Array.isArray(content) ? content : [{ text: content }];
    const texts = parts.map((part) =>
      isRecord(part) && typeof part['text'] === 'string' ? part['text'] : '',
    );
    return { role: String(role), text: texts.join(' ') };
  });
}
