import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatPart } from '../../../src/openai/chat/chat-parts.ts';
import { ChatResponseReader } from '../../../src/openai/chat/chat-response-reader.ts';
import { portions, PROPERTY_RUNS } from '../../support/portions.ts';

function partsOf(body: string | Uint8Array, cuts: readonly number[] = []): ChatPart[] {
  const reader = new ChatResponseReader();
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return [...portions(bytes, cuts).flatMap((portion) => reader.read(portion)), ...reader.end()];
}

function textOf(parts: readonly ChatPart[]): string {
  return parts.map((part) => (part.kind === 'text' || part.kind === 'message' ? part.text : '')).join('');
}

const chunk = (delta: object, finish: string | null = null): string =>
  JSON.stringify({
    id: 'c',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
const SIX = chunk({ content: 'We are open until six.' });
const STOP = chunk({}, 'stop');
const USAGE = '{"id":"c","object":"chat.completion.chunk","usage":{"prompt_tokens":9}}';
const events = (...data: string[]): string => [...data, '[DONE]'].map((one) => `data: ${one}\n\n`).join('');

describe('a streamed chat response', () => {
  test.each([
    ['as OpenAI sends it', events(SIX, STOP)],
    ['with usage that lacks choices (Moonshot, DeepInfra)', events(SIX, STOP, USAGE)],
    ['with choices that are null', events('{"choices":null}', SIX, STOP)],
    ['with usage first (Gemini behind a gateway)', events(USAGE, SIX, STOP)],
    ['with empty objects that keep it alive', events(SIX, '{"id":"","object":""}', STOP)],
    ['with comments that keep it alive (OpenRouter)', `: OPENROUTER PROCESSING\n\n${events(SIX, STOP)}`],
    // iFlytek Spark's compatible endpoint: www.xfyun.cn/doc/spark/HTTP调用文档.html
    [
      'with a code of success in each chunk (Spark)',
      events(JSON.stringify({ code: 0, message: 'Success', ...(JSON.parse(SIX) as object) })),
    ],
    [
      'with an empty error beside the words',
      events(JSON.stringify({ error: {}, ...(JSON.parse(SIX) as object) })),
    ],
    [
      'with statistics as detail',
      events(JSON.stringify({ detail: { ttft: 0.1 }, ...(JSON.parse(SIX) as object) })),
    ],
    ['with an index as text', events(SIX.replace('"index":0', '"index":"0"'))],
    ['without [DONE]', `data: ${SIX}\n\ndata: ${STOP}\n\n`],
    ['without the last empty line', `data: ${SIX}\n\ndata: [DONE]`],
    ['without empty lines', `data: ${SIX}\ndata: ${STOP}\ndata: [DONE]\n`],
    ['without a blank after the colon', `data:${SIX}\n\ndata:[DONE]\n\n`],
    ['with CRLF', events(SIX, STOP).replaceAll('\n', '\r\n')],
    ['with CR alone', events(SIX, STOP).replaceAll('\n', '\r')],
    ['with a byte order mark', `\uFEFF${events(SIX, STOP)}`],
    ['with event names and numbers', `event: message\nid: 1\ndata: ${SIX}\n\nevent: done\ndata: [DONE]\n\n`],
    [
      'with JSON over several data lines',
      `data: ${JSON.stringify(JSON.parse(SIX), undefined, 1).replaceAll('\n', '\ndata: ')}\n\n`,
    ],
    ['that goes on after [DONE]', events(SIX, STOP) + events(chunk({ content: 'more' }))],
    [
      'with content as parts (Mistral)',
      events(chunk({ content: [{ type: 'text', text: 'We are open until six.' }] })),
    ],
    [
      'with thoughts as parts (Magistral)',
      events(chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }] }), SIX),
    ],
    [
      'with thoughts in a field of their own',
      events(chunk({ content: null, reasoning_content: 'Hm.' }), SIX),
    ],
    [
      'with several choices',
      events(
        '{"choices":[{"index":1,"delta":{"content":"No."}},{"index":0,"delta":{"content":"We are open until six."}}]}',
      ),
    ],
    [
      'with message in place of delta',
      events('{"choices":[{"index":0,"message":{"content":"We are open until six."}}]}'),
    ],
    ['with text in place of delta', events('{"choices":[{"index":0,"text":"We are open until six."}]}')],
    [
      'after heartbeats without JSON',
      `data: keep-alive\n\nevent: ping\ndata: ping\n\n: x\n\n${events(SIX, STOP)}`,
    ],
    ['with an end in small letters', `data: ${SIX}\n\ndata: [done]\n\ndata: late\n\n`],
    ['with an event as its end', `data: ${SIX}\n\nevent: end\ndata: bye\n\n`],
    [
      'in `message` beside an empty delta',
      events('{"choices":[{"index":0,"delta":{},"message":{"content":"We are open until six."}}]}'),
    ],
    ['as JSON lines', `${SIX}\n${STOP}\n`],
    ['as a JSON sequence (RFC 7464)', `\u001e${SIX}\n\u001e${STOP}\n`],
    ['as JSON values without line feeds', `${SIX}${STOP}`],
    ['as events without line feeds between them', `data: ${SIX}data: ${STOP}\n\ndata: [DONE]\n\n`],
    ['as events in one line', `data: ${SIX}data: ${STOP}data: [DONE]`],
    [
      'as Ollama’s own JSON lines',
      '{"message":{"role":"assistant","content":"We are open until six."},"done":false}\n{"message":{"content":""},"done":true,"done_reason":"stop"}\n',
    ],
    [
      'as one JSON document',
      '{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"We are open until six."},"finish_reason":"stop"}]}',
    ],
    [
      'as one document over several lines',
      JSON.stringify({ choices: [{ message: { content: 'We are open until six.' } }] }, undefined, 2),
    ],
    ['as a list of chunks', `[${SIX},\n${STOP}]`],
  ])('%s is read', (_, body) => {
    expect(textOf(partsOf(body))).toBe('We are open until six.');
    expect(partsOf(body).filter(({ kind }) => kind === 'error' || kind === 'unreadable')).toEqual([]);
    fc.assert(
      fc.property(fc.array(fc.nat(body.length), { maxLength: 12 }), (cuts) => {
        expect(textOf(partsOf(body, cuts))).toBe('We are open until six.');
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['an error event', 'event: error\ndata: {"error":{"message":"overloaded","code":503}}\n\n', 'overloaded'],
    [
      'an error in a chunk',
      events(SIX, '{"error":{"message":"No endpoints found","code":404}}'),
      'No endpoints found',
    ],
    [
      'an error in a choice (OpenRouter)',
      events(
        '{"choices":[{"index":0,"delta":{},"finish_reason":"error","error":{"code":502,"message":"provider down"}}]}',
      ),
      'provider down',
    ],
    [
      'an error as one document',
      '{"error":{"message":"No endpoints found","code":404}}',
      'No endpoints found',
    ],
    ['a detail as one document', '{"detail":"Not authenticated"}', 'Not authenticated'],
    ['a sentence', 'data: upstream timed out\n\n', 'upstream timed out'],
    [
      'a page',
      '<!DOCTYPE html><html><head><title>You are about to visit</title></head></html>',
      'an HTML page: You are about to visit',
    ],
    ['a text', 'Service Unavailable', 'Service Unavailable'],
    // sglang and llama.cpp name the event of an error.
    [
      'an event named error',
      'event: error\ndata: {"message":"CUDA out of memory"}\n\n',
      'CUDA out of memory',
    ],
    // ggml-org/llama.cpp#16109: the field itself was named error.
    [
      'a field named error',
      `data: ${SIX}\n\nerror: {"code":500,"message":"Context size has been exceeded.","type":"server_error"}\n\n`,
      'Context size has been exceeded.',
    ],
    ['an event named error with a text', 'event: error\ndata: out of memory\n\n', 'out of memory'],
    // platform.minimaxi.com/document/ChatCompletion; cloud.baidu.com/doc/WENXINWORKSHOP
    ['the status of MiniMax', '{"base_resp":{"status_code":1004,"status_msg":"login fail"}}', 'login fail'],
    ['the code of Baidu', '{"error_code":336003,"error_msg":"messages error"}', 'messages error'],
    ['success: false', '{"success":false,"message":"no credits"}', 'no credits'],
    ['nothing', '', 'an empty response'],
    ['damaged JSON', '{"choices":[{"mess', '{"choices":[{"mess'],
  ])('%s is an error with the server’s words', (_, body, message) => {
    const errors = partsOf(body).flatMap((part) => (part.kind === 'error' ? part.error.message : []));
    expect(errors).toEqual([message]);
  });

  test('lines of data without empty lines between them are read as they come', () => {
    const reader = new ChatResponseReader();
    const lines = Array.from({ length: 200 }, (_, index) => `data: ${chunk({ content: `${index} ` })}\n`);
    let words = 0;
    for (const line of lines) words += reader.read(Buffer.from(line)).length;
    expect(words).toBeGreaterThanOrEqual(lines.length - 1);
  });

  test('one event without an end has a bound', () => {
    const reader = new ChatResponseReader();
    const line = Buffer.from(`data: {"x":"${'y'.repeat(65_536)}\n`);
    for (let count = 0; count < 80; count += 1) reader.read(line);
    expect(reader.done).toBe(true);
  });

  test.each([
    // Aleph-Alpha/pharia-skill#265: a log probability that is NaN; Python's json.dumps writes it (`allow_nan`).
    [
      'numbers that JSON does not have',
      '{"choices":[{"delta":{"content":"NaN, Infinity"},"logprobs":[NaN,-Infinity,Infinity]}]}',
      'NaN, Infinity',
    ],
    ['a tab within a string', '{"choices":[{"delta":{"content":"one\ttwo"}}]}', 'one\ttwo'],
  ])('%s are read', (_, data, words) => {
    expect(textOf(partsOf(`data: ${data}\n\n`))).toBe(words);
  });

  test('damaged chunks between good ones are reported and skipped', () => {
    const parts = partsOf(
      events(chunk({ content: 'We are ' }), '{"choices":[{"del', chunk({ content: 'open.' })),
    );
    expect(textOf(parts)).toBe('We are open.');
    expect(parts.filter(({ kind }) => kind === 'unreadable')).toHaveLength(1);
  });

  test('says why the model stopped', () => {
    expect(partsOf(events(chunk({}, 'content_filter')))).toEqual([
      { kind: 'finish', reason: 'content_filter' },
    ]);
  });

  test('gives the same text for every split, and never throws for any bytes', () => {
    const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.array(fc.nat(2_000)), (words, cuts) => {
        expect(textOf(partsOf(events(...words.map((content) => chunk({ content }))), cuts))).toBe(
          words.join(''),
        );
      }),
      { numRuns: PROPERTY_RUNS },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(300)), (bytes, cuts) => {
        partsOf(bytes, cuts);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test('that is cut off anywhere gives the beginning of the text', () => {
    const whole = events(...'We are open until six.'.split(' ').map((content) => chunk({ content })));
    fc.assert(
      fc.property(fc.nat(whole.length), (length) => {
        const text = textOf(partsOf(whole.slice(0, length)));
        expect('Weareopenuntilsix.'.startsWith(text)).toBe(true);
      }),
      { numRuns: PROPERTY_RUNS },
    );
  });

  test('an event whose line does not end has a bound', () => {
    const reader = new ChatResponseReader();
    const portion = Buffer.from('x'.repeat(1024 * 1024));
    const parts = [
      ...reader.read(Buffer.from('data: {"x":"')),
      ...Array.from({ length: 6 }, () => reader.read(portion)).flat(),
    ];
    expect(parts).toMatchObject([{ kind: 'error', error: { message: 'the response is too long' } }]);
    expect(reader.done).toBe(true);
  });

  test('has a bound', () => {
    const reader = new ChatResponseReader();
    const portion = Buffer.from(`{"x":"${'x'.repeat(1024 * 1024)}`);
    const parts = Array.from({ length: 6 }, () => reader.read(portion)).flat();
    expect(parts).toMatchObject([{ kind: 'error', error: { message: 'the response is too long' } }]);
  });
});
