import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { type ConversationTurn, RETRACT, ServiceError } from '../../../src/call/ports.ts';
import { ChatReplier } from '../../../src/openai/chat/chat-replier.ts';
import { ChatSummarizer } from '../../../src/openai/chat/chat-summarizer.ts';
import { HandTimer } from '../hand-timer.ts';
import { chatPieces, failing, json, ScriptedServer, silent, stalling } from '../scripted-server.ts';

const TIMEOUTS = { answerMs: 2_000, idleMs: 2_000, retries: 2, maxPauseMs: 1_000 };
const SAID: ConversationTurn[] = [
  { speaker: 'assistant', text: 'Hello.' },
  { speaker: 'caller', text: 'When are you open?' },
  { speaker: 'assistant', text: '' },
  { speaker: 'operator', text: 'Daily.' },
];
let server: ScriptedServer;

afterEach(() => server.stop());

async function replierFor(...answers: Parameters<typeof ScriptedServer.start>) {
  server = await ScriptedServer.start(...answers);
  const hand = new HandTimer();
  const chat = { model: 'any-model', baseUrl: server.baseUrl, apiKey: 'sk-1' };
  const parts = { chat, instructions: 'Be kind.', timeouts: TIMEOUTS, timer: hand.timer };
  return { hand, replier: new ChatReplier(parts) };
}

async function all(pieces: AsyncIterable<string | typeof RETRACT>, into: string[] = []): Promise<string[]> {
  for await (const piece of pieces) into.push(piece === RETRACT ? '[retracted]' : piece);
  return into;
}

/** Breaks the connection once everything before has left. */
const breaking = (response: ServerResponse) => void response.write(': \n\n', () => response.destroy());

const never = new AbortController().signal;

describe('ChatReplier', () => {
  test('streams the reply in pieces and sends the conversation in order', async () => {
    const { replier } = await replierFor(chatPieces(['We ', 'are ', 'open.']));
    expect(await all(replier.reply(SAID, never))).toEqual(['We ', 'are ', 'open.']);
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]).toMatchObject({ path: '/v1/chat/completions', authorization: 'Bearer sk-1' });
    expect(JSON.parse(String(server.asked[0]?.body))).toEqual({
      model: 'any-model',
      stream: true,
      messages: [
        { role: 'system', content: 'Be kind.\n\nYou have already said to the caller: “Hello.”' },
        { role: 'user', content: 'When are you open?' },
        { role: 'assistant', content: 'Daily.' },
        { role: 'user', content: '(The caller says nothing.)' },
      ],
    });
  });

  test('sends at most the last turns of a very long call', async () => {
    const { replier } = await replierFor(chatPieces(['Yes.']));
    const long = Array.from({ length: 5_000 }, (_, n) => ({ speaker: 'caller', text: `${n}` }) as const);
    await all(replier.reply(long, never));
    const { messages } = JSON.parse(String(server.asked[0]?.body)) as { messages: { content: string }[] };
    expect(messages).toHaveLength(2);
    expect(messages.at(-1)?.content.split('\n')).toEqual(
      Array.from({ length: 120 }, (_, n) => `${4_880 + n}`),
    );
    expect(messages[0]?.content).toBe('Be kind.');
  });

  test('retries if the server fails before the reply starts', async () => {
    const { replier } = await replierFor(failing(500), failing(429), chatPieces(['Yes.']));
    expect(await all(replier.reply(SAID, never))).toEqual(['Yes.']);
    expect(server.asked).toHaveLength(3);
  });

  test('gives up after the last attempt with a transient error', async () => {
    const { replier } = await replierFor(failing(500), failing(500), failing(500), chatPieces(['too late']));
    const failure = all(replier.reply(SAID, never));
    await expect(failure).rejects.toMatchObject({ name: 'ServiceError', service: 'chat', transient: true });
    expect(server.asked).toHaveLength(3);
  });

  test.each([
    [401, {}, false, 1],
    [404, {}, false, 1],
    [429, { code: 'insufficient_quota' }, false, 1],
  ])('reports an answer of %i %j as an error, transient: %s', async (status, error, transient, asked) => {
    const answers = Array.from({ length: 3 }, () => failing(status, error));
    const { replier } = await replierFor(...answers);
    await expect(all(replier.reply(SAID, never))).rejects.toMatchObject({ service: 'chat', transient });
    expect(server.asked).toHaveLength(asked);
  });

  test('a stalled reply is an error after its first pieces', async () => {
    const { replier, hand } = await replierFor(chatPieces(['We ', 'are '], () => {}));
    const came: string[] = [];
    const failure = all(replier.reply(SAID, never), came).catch((error: unknown) => error);
    while (came.length < 2) await new Promise((turn) => setImmediate(turn));
    await hand.runOut();
    expect(await failure).toBeInstanceOf(ServiceError);
    expect(await failure).toMatchObject({ service: 'chat', transient: true });
    expect(came).toEqual(['We ', 'are ']);
    expect(hand.waiting).toEqual([]);
  });

  test('a reply whose connection breaks is a transient error', async () => {
    const { replier } = await replierFor(chatPieces(['We '], breaking));
    const came: string[] = [];
    await expect(all(replier.reply(SAID, never), came)).rejects.toMatchObject({
      service: 'chat',
      transient: true,
    });
    expect([came, server.asked.length]).toEqual([['We '], 1]);
  });

  test('a server that never answers is an error', async () => {
    server = await ScriptedServer.start(silent);
    const chat = { model: 'm', baseUrl: server.baseUrl };
    const timeouts = { answerMs: 20, idleMs: 20, retries: 0, maxPauseMs: 0 };
    const replier = new ChatReplier({ chat, instructions: '', timeouts });
    await expect(all(replier.reply(SAID, never))).rejects.toMatchObject({ service: 'chat', transient: true });
  });

  test('ends without an error and cancels the request when the reply is aborted', async () => {
    let closed: () => void;
    const serverLetGo = new Promise<void>((resolve) => (closed = resolve));
    const { replier, hand } = await replierFor(
      chatPieces(['We '], (response) => response.on('close', closed)),
    );
    const call = new AbortController();
    const came: string[] = [];
    for await (const piece of replier.reply(SAID, call.signal)) {
      came.push(String(piece));
      call.abort();
    }
    expect(came).toEqual(['We ']);
    await serverLetGo;
    expect(hand.waiting).toEqual([]);
  });

  test('cancels the request when the reader stops early', async () => {
    let closed: () => void;
    const serverLetGo = new Promise<void>((resolve) => (closed = resolve));
    const { replier, hand } = await replierFor(
      chatPieces(['We '], (response) => response.on('close', closed)),
    );
    for await (const _ of replier.reply(SAID, never)) break;
    await serverLetGo;
    expect(hand.waiting).toEqual([]);
  });

  test('sends no request with an aborted signal', async () => {
    const { replier } = await replierFor();
    expect(await all(replier.reply(SAID, AbortSignal.abort()))).toEqual([]);
    expect(server.asked).toHaveLength(0);
  });

  test('sends a reasoning effort if set, and a placeholder key if none is set', async () => {
    server = await ScriptedServer.start(chatPieces(['Yes.']));
    const chat = { model: 'm', baseUrl: server.baseUrl, reasoningEffort: 'none' } as const;
    await all(new ChatReplier({ chat, instructions: 'x' }).reply([], never));
    expect(JSON.parse(String(server.asked[0]?.body))).toMatchObject({ reasoning_effort: 'none' });
    expect(server.asked[0]?.authorization).toBe('Bearer none');
  });
});

describe('ChatSummarizer', () => {
  async function summarizerFor(...answers: Parameters<typeof ScriptedServer.start>) {
    server = await ScriptedServer.start(...answers);
    const hand = new HandTimer();
    const chat = { model: 'any-model', baseUrl: server.baseUrl, apiKey: 'sk-1' };
    return { hand, summarizer: new ChatSummarizer({ chat, timeouts: TIMEOUTS, timer: hand.timer }) };
  }

  test('sends one request: a system message, and the transcript’s lines as one user message', async () => {
    const { summarizer } = await summarizerFor(
      json(200, { choices: [{ message: { content: ' A call. ' } }] }),
    );
    expect(await summarizer.summarize(['[00:00.000] Caller: a', '[00:01.000] Assistant: b'], never)).toBe(
      'A call.',
    );
    expect(server.asked).toHaveLength(1);
    const { messages } = JSON.parse(String(server.asked[0]?.body)) as { messages: object[] };
    expect(messages).toEqual([
      { role: 'system', content: expect.stringMatching(/summarize/i) as string },
      { role: 'user', content: '[00:00.000] Caller: a\n[00:01.000] Assistant: b' },
    ]);
  });

  test.each([[[]], [[{ message: { content: ' ' } }]], [[{ message: { content: null } }]]])(
    'an answer without words, %j, is requested once more and is then an empty summary',
    async (choices) => {
      const { summarizer } = await summarizerFor(json(200, { choices }), json(200, { choices }));
      expect(await summarizer.summarize(['a'], never)).toBe('');
      expect(server.asked).toHaveLength(2);
    },
  );

  test('an answer that stalls is an error', async () => {
    const { summarizer, hand } = await summarizerFor(stalling);
    const failure = summarizer.summarize(['a'], never).catch((error: unknown) => error);
    while (server.asked.length < 1) await new Promise((turn) => setImmediate(turn));
    await hand.runOut();
    expect(await failure).toMatchObject({ name: 'ServiceError', service: 'chat', transient: true });
  });

  test('is aborted with the signal’s reason', async () => {
    const { summarizer, hand } = await summarizerFor(silent);
    const finishing = new AbortController();
    const failure = summarizer.summarize(['a'], finishing.signal).catch((error: unknown) => error);
    finishing.abort(new Error('shutting down'));
    expect(await failure).toMatchObject({ message: 'shutting down' });
    expect(hand.waiting).toEqual([]);
  });
});
