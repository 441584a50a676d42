import { afterEach, describe, expect, test } from 'vitest';
import { type ConversationTurn, RETRACT } from '../../../src/call/ports.ts';
import { ChatReplier } from '../../../src/openai/chat/chat-replier.ts';
import { ChatSummarizer } from '../../../src/openai/chat/chat-summarizer.ts';
import { ServerProfiles } from '../../../src/openai/server/server-profiles.ts';
import { HandTimer } from '../hand-timer.ts';
import { type Answer, type Asked, chatPieces, json, ScriptedServer } from '../scripted-server.ts';

interface Message {
  readonly role: string;
  readonly content: string;
}

interface Body {
  readonly messages: readonly Message[];
  readonly stream?: boolean;
  readonly reasoning_effort?: string;
}

const TIMEOUTS = { answerMs: 2_000, idleMs: 2_000, retries: 2, maxPauseMs: 1_000 };
const never = new AbortController().signal;
const bodyOf = ({ body }: Asked): Body => JSON.parse(String(body)) as Body;
let server: ScriptedServer;

afterEach(() => server.stop());

async function chatWith(rule: (body: Body) => Answer) {
  server = await ScriptedServer.ruled((asked) => rule(bodyOf(asked)));
  const profiles = new ServerProfiles();
  const chat = { model: 'm', baseUrl: server.baseUrl, reasoningEffort: 'low' } as const;
  const options = { chat, timeouts: TIMEOUTS, timer: new HandTimer().timer, profiles };
  const replier = new ChatReplier({ ...options, instructions: 'Be kind.' });
  return { replier, profiles, summarizer: new ChatSummarizer(options) };
}

async function answerOf(replier: ChatReplier, conversation: readonly ConversationTurn[]): Promise<string> {
  let text = '';
  for await (const part of replier.reply(conversation, never)) text = part === RETRACT ? '' : text + part;
  return text;
}

const turn = (speaker: ConversationTurn['speaker'], text: string): ConversationTurn => ({ speaker, text });
const CALL = [
  turn('assistant', 'Hello.'),
  turn('caller', 'One.'),
  turn('caller', 'Two.'),
  turn('assistant', 'Yes —'),
  turn('guidance', 'Be brief.'),
  turn('caller', '[pressed 1]'),
];

const good = chatPieces(['Certainly, ', 'one moment please.']);
const refused = (status: number, error: object): Answer => json(status, { error });

const alternates = (messages: readonly Message[]): boolean =>
  messages.every(({ role }, n) => role === (n % 2 === 0 ? 'user' : 'assistant')) &&
  messages.at(-1)?.role === 'user';

describe('a chat server that refuses the roles', () => {
  const afterSystem = (messages: readonly Message[]) =>
    messages.slice(messages[0]?.role === 'system' ? 1 : 0);

  test.each([
    // Gemma and Mistral behind vLLM (vllm-project/vllm#6862), and llama.cpp, which answers 500.
    [400, 'Conversation roles must alternate user/assistant/user/assistant/...'],
    [500, 'Conversation roles must alternate user/assistant/user/assistant/...'],
    // Mistral's own service.
    [422, 'Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant'],
    // Bedrock (aws-samples/amazon-nova-samples#133).
    [
      400,
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    ],
    // Nothing that could be recognised.
    [400, 'Bad Request'],
  ])('with %i “%s” is asked again in turns, within the same turn', async (status, message) => {
    const strict = (messages: readonly Message[]) => alternates(afterSystem(messages));
    const { replier, profiles } = await chatWith(({ messages }) =>
      strict(messages)
        ? good
        : json(status, { object: 'error', message, type: 'BadRequestError', param: null, code: status }),
    );
    expect(await answerOf(replier, CALL)).toBe('Certainly, one moment please.');
    const asked = server.asked.length;
    expect(await answerOf(replier, CALL)).toBe('Certainly, one moment please.');
    expect(server.asked).toHaveLength(asked + 1);
    expect(profiles.entries[0]?.profile).toMatchObject({ roles: 'alternating' });
  });

  test.each([
    // Gemma's template: https://huggingface.co/google/gemma-2-9b-it
    'System role not supported',
    // OpenAI's o1-mini.
    "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
    // Gemini's compatible endpoint with Gemma.
    'Developer instruction is not enabled for models/gemma-3-4b-it',
  ])('“%s”: the instructions go into the first message of the caller', async (message) => {
    const { replier, profiles } = await chatWith(({ messages }) =>
      messages.every(({ role }) => role !== 'system') && alternates(messages)
        ? good
        : refused(400, { message }),
    );
    expect(await answerOf(replier, CALL)).toBe('Certainly, one moment please.');
    expect(profiles.entries[0]?.profile).toMatchObject({ roles: 'no-system' });
    expect(bodyOf(server.asked.at(-1)!).messages[0]?.content).toMatch(/^Be kind\./u);
  });
});

describe('a chat server that refuses a field', () => {
  test.each([
    [
      'OpenAI',
      400,
      {
        error: {
          message: "Unsupported parameter: 'reasoning_effort' is not supported with this model.",
          param: 'reasoning_effort',
          code: 'unsupported_parameter',
        },
      },
    ],
    [
      'pydantic',
      422,
      {
        detail: [
          {
            loc: ['body', 'reasoning_effort'],
            msg: 'Extra inputs are not permitted',
            type: 'extra_forbidden',
          },
        ],
      },
    ],
    [
      'Azure before 2024-12',
      400,
      { error: { message: 'Unrecognized request argument supplied: reasoning_effort' } },
    ],
    ['a server without words', 400, {}],
  ])('as %s does is asked without it, once and for all', async (_, status, body) => {
    const { replier, profiles } = await chatWith((asked) =>
      'reasoning_effort' in asked ? json(status, body) : good,
    );
    expect(await answerOf(replier, CALL)).toBe('Certainly, one moment please.');
    expect(await answerOf(replier, CALL)).toBe('Certainly, one moment please.');
    expect(server.asked.filter((asked) => 'reasoning_effort' in bodyOf(asked))).toHaveLength(1);
    expect(profiles.entries[0]?.profile.refusedFields).toEqual(['reasoning_effort']);
  });

  test('namely streaming is asked for the whole response', async () => {
    const message = 'Streaming is not supported for this model.';
    const { replier } = await chatWith((asked) =>
      asked.stream === true
        ? refused(400, { message, param: 'stream', code: 'unsupported_value' })
        : json(200, {
            choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }],
          }),
    );
    expect(await answerOf(replier, CALL)).toBe('Yes.');
  });

  test('is not asked again and again for a request that no shape makes acceptable', async () => {
    const { replier, profiles } = await chatWith(() => refused(400, { message: 'no' }));
    await expect(answerOf(replier, CALL)).rejects.toMatchObject({
      service: 'chat',
      transient: false,
      details: { status: 400, said: 'no' },
    });
    expect(server.asked.length).toBeLessThanOrEqual(8);
    expect(new Set(server.asked.map(({ body }) => String(body))).size).toBe(server.asked.length);
    expect(profiles.entries.every(({ profile }) => profile.roles === undefined)).toBe(true);
  });

  test.each([
    [
      400,
      {
        message:
          'The response was filtered due to the prompt triggering Azure OpenAI’s content management policy.',
        code: 'content_filter',
      },
    ],
    [401, { message: 'Incorrect API key provided: sk-abc.' }],
    [404, { message: 'The model `m` does not exist', code: 'model_not_found' }],
  ])('%i %j is no matter of shape', async (status, error) => {
    const { replier } = await chatWith(() => refused(status, error));
    await expect(answerOf(replier, CALL)).rejects.toMatchObject({ transient: false });
    expect(server.asked).toHaveLength(1);
  });
});

describe('a chat server with a small context window', () => {
  const characters = (messages: readonly Message[]) =>
    messages.reduce((sum, { content }) => sum + content.length, 0);
  const long = Array.from({ length: 81 }, (_, n) =>
    turn(n % 2 === 0 ? 'caller' : 'assistant', `${n} ${'x'.repeat(116)}`),
  );

  test.each([
    [
      'OpenAI',
      400,
      {
        error: {
          message: "This model's maximum context length is 1024 tokens. However, you requested 1209 tokens.",
          type: 'invalid_request_error',
          param: 'messages',
          code: 'context_length_exceeded',
        },
      },
    ],
    [
      'llama.cpp',
      400,
      {
        error: {
          code: 400,
          message:
            'request (1209 tokens) exceeds the available context size (1024 tokens), try increasing it',
          type: 'exceed_context_size_error',
        },
      },
    ],
    [
      'Anthropic',
      400,
      { error: { type: 'invalid_request_error', message: 'prompt is too long: 1209 tokens > 1024 maximum' } },
    ],
    [
      'LM Studio',
      400,
      {
        error:
          'Trying to keep the first 1209 tokens when context the overflows. However, the model is loaded with context length of only 1024 tokens',
      },
    ],
    [
      'Groq',
      413,
      {
        error: {
          message: 'Please reduce the length of the messages or completion.',
          code: 'context_length_exceeded',
        },
      },
    ],
    ['an unknown server', 500, { detail: 'Input is too long for requested model.' }],
  ])(
    'as %s says it gets the newest turns, within the same turn, and never that many again',
    async (_, status, body) => {
      const { replier, profiles } = await chatWith(({ messages }) =>
        characters(messages) > 4_000 ? json(status, body) : good,
      );
      expect(await answerOf(replier, long)).toBe('Certainly, one moment please.');
      const refusals = server.asked.length - 1;
      expect(refusals).toBeGreaterThan(0);
      const { messages } = bodyOf(server.asked.at(-1)!);
      expect(messages[0]).toEqual({ role: 'system', content: 'Be kind.' });
      expect(messages.at(-1)?.content).toBe(long.at(-1)?.text);
      await answerOf(replier, long);
      expect(server.asked).toHaveLength(refusals + 2);
      expect(profiles.entries[0]?.profile.contextCharacters).toBeLessThan(9_000);
    },
  );

  test('sums up the end of a call that is too long for it', async () => {
    const message = "This model's maximum context length is 1024 tokens.";
    const { summarizer } = await chatWith(({ messages }) =>
      characters(messages) > 4_000
        ? refused(400, { message, code: 'context_length_exceeded' })
        : chatPieces(['About a bill.']),
    );
    const lines = long.map(({ text }) => `Caller: ${text}`);
    expect(await summarizer.summarize(lines, never)).toBe('About a bill.');
    expect(bodyOf(server.asked.at(-1)!).messages.at(-1)?.content.endsWith(lines.at(-1)!)).toBe(true);
  });
});

describe('a response without words', () => {
  const empty = (finish: string, delta: object = { role: 'assistant', content: '' }): Answer =>
    json(200, { choices: [{ index: 0, message: delta, finish_reason: finish }] });

  test.each([
    ['nothing', empty('stop')],
    ['line breaks', empty('stop', { content: '\n\n' })],
    ['a smiley', empty('stop', { content: '😊' })],
    ['thoughts that used up all tokens', empty('length', { content: '<think>The caller wants' })],
    [
      'a call of a tool',
      empty('tool_calls', { content: null, tool_calls: [{ id: '1', function: { name: 'x' } }] }),
    ],
    ['a filter', empty('content_filter', { content: null })],
  ])('(%s) is asked for once more, and then an error that names the reason', async (_, answer) => {
    let emptyAnswers = 1;
    const { replier } = await chatWith(() => ((emptyAnswers -= 1) >= 0 ? answer : good));
    expect((await answerOf(replier, CALL)).trim()).toMatch(/Certainly, one moment please\.$/u);
    emptyAnswers = 2;
    await expect(answerOf(replier, CALL)).rejects.toMatchObject({
      transient: true,
      details: { code: 'no_words' },
    });
  });
});

// vllm-project/vllm#19839, #19222, #17609; QwenLM/Qwen3#1297: Qwen3 that does not think, behind a parser of thoughts
describe('an answer in the field of thoughts', () => {
  const alone = (field: string, text: string, finish = 'stop'): Answer =>
    json(200, {
      choices: [{ index: 0, message: { content: null, [field]: text }, finish_reason: finish }],
    });

  test.each(['reasoning_content', 'reasoning'])(
    '(%s) is the reply, and at once the next time',
    async (field) => {
      const { replier, profiles } = await chatWith(() => alone(field, 'We are open until six.'));
      expect(await answerOf(replier, CALL)).toBe('We are open until six.');
      expect(server.asked).toHaveLength(2);
      expect(profiles.entries[0]?.profile.answersAsThoughts).toBe(true);
      expect(await answerOf(replier, CALL)).toBe('We are open until six.');
      expect(server.asked).toHaveLength(3);
    },
  );

  test('in an event stream is the reply', async () => {
    const piece = (text: string, finish: string | null = null) =>
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: { reasoning_content: text }, finish_reason: finish }] })}\n\n`;
    const events = piece('We are open') + piece(' until six.') + piece('', 'stop') + 'data: [DONE]\n\n';
    const { replier } = await chatWith(() => (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(events);
    });
    expect(await answerOf(replier, CALL)).toBe('We are open until six.');
  });

  test.each([
    ['thoughts about the caller', alone('reasoning_content', 'The caller wants the opening hours.')],
    ['thoughts by their beginning', alone('reasoning', 'Okay, they want to know when we close.')],
    ['thoughts in Chinese', alone('reasoning_content', '用户想知道营业时间。')],
    ['long thoughts', alone('reasoning_content', 'It may be open until six. '.repeat(40))],
    ['thoughts that used up all tokens', alone('reasoning_content', 'We are open until', 'length')],
  ])('(%s) is not spoken', async (_, answer) => {
    const { replier } = await chatWith(() => answer);
    await expect(answerOf(replier, CALL)).rejects.toMatchObject({ details: { code: 'no_words' } });
  });
});

// xuiltul/animaworks#41, lijunzh/koda#490, waybarrios/vllm-mlx#188
test('a model that repeats one sentence without an end is stopped, and that is a failure', async () => {
  let isClosed = false;
  const { replier } = await chatWith(() => (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = { choices: [{ index: 0, delta: { content: 'The tokens are for the manager. ' } }] };
    const write = (): void => {
      while (!isClosed && response.write(`data: ${JSON.stringify(chunk)}\n\n`));
    };
    response.on('drain', write).on('close', () => (isClosed = true));
    write();
  });
  let text = '';
  const listening = async (): Promise<void> => {
    for await (const part of replier.reply(CALL, new AbortController().signal)) text += String(part);
  };
  await expect(listening()).rejects.toMatchObject({ transient: true, details: { code: 'repeating_reply' } });
  expect(text).toMatch(/^(The tokens are for the manager. ){1,5}$/u);
  await expect.poll(() => isClosed).toBe(true);
});

describe('thoughts without an opening tag', () => {
  test('are retracted once, and held back from then on', async () => {
    const { replier } = await chatWith(() =>
      chatPieces(['The caller wants the hours. ', 'Hm.</think>', 'Until six.']),
    );
    const parts = async () => {
      const seen: unknown[] = [];
      for await (const part of replier.reply(CALL, never)) seen.push(part);
      return seen;
    };
    expect(await parts()).toEqual(['The caller wants the hours. ', 'Hm.', RETRACT, 'Until six.']);
    expect(await parts()).toEqual(['Until six.']);
  });
});

describe('a message that only mentions a field', () => {
  test.each([
    [502, 'stream error: stream ID 3; INTERNAL_ERROR'],
    [503, 'the stream was closed by the upstream'],
    [500, 'stream error'],
  ])('%i %s teaches nothing', async (status, message) => {
    let calls = 0;
    const { replier, profiles } = await chatWith(() =>
      (calls += 1) === 1 ? refused(status, { message }) : good,
    );
    expect(await answerOf(replier, CALL)).toContain('Certainly');
    expect(profiles.entries[0]?.profile.refusedFields).toBeUndefined();
  });

  test.each([
    [400, 'Streaming is not supported by this deployment'],
    [501, 'Streaming not implemented'],
    [400, 'stream is not supported'],
  ])('%i %s refuses streaming alone, is adapted to at once and remembered', async (status, message) => {
    const { replier, profiles } = await chatWith(({ stream }) =>
      stream
        ? refused(status, { message })
        : json(200, { choices: [{ message: { content: 'Certainly.' }, finish_reason: 'stop' }] }),
    );
    expect(await answerOf(replier, CALL)).toBe('Certainly.');
    expect(server.asked).toHaveLength(2);
    expect(profiles.entries[0]?.profile).toMatchObject({ refusedFields: ['stream'] });
    expect(profiles.entries[0]?.profile.roles).toBeUndefined();
    await answerOf(replier, CALL);
    expect(server.asked).toHaveLength(3);
  });

  test('a guess that a JSON document confirms is remembered (FastAPI: detail)', async () => {
    const { replier } = await chatWith(({ stream }) =>
      stream
        ? json(400, { detail: 'no' })
        : json(200, { choices: [{ message: { content: 'Certainly.' }, finish_reason: 'stop' }] }),
    );
    await answerOf(replier, CALL);
    const first = server.asked.length;
    await answerOf(replier, CALL);
    expect(server.asked).toHaveLength(first + 1);
  });
});

describe('a reply that ends within a sentence', () => {
  const open =
    (reason: string | null): Answer =>
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const content of ['We are open. ', 'On Sund'])
        response.write(`data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`);
      if (reason !== null)
        response.write(`data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: reason }] })}\n\n`);
      response.end();
    };

  test.each([
    ['length', 'the reply was cut off (length)'],
    [null, 'the reply ended in mid-sentence, without a finish reason'],
  ])('with the finish reason %s is a failure after its words', async (reason, said) => {
    const { replier } = await chatWith(() => open(reason));
    await expect(answerOf(replier, CALL)).rejects.toMatchObject({
      details: { said, code: 'incomplete_reply' },
    });
    expect(server.asked).toHaveLength(1);
  });

  test('with the finish reason stop is complete, and so is a complete sentence without one', async () => {
    const { replier } = await chatWith(() => open('stop'));
    expect(await answerOf(replier, CALL)).toBe('We are open. On Sund');
    await server.stop();
    const whole = await chatWith(() => (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`data: ${JSON.stringify({ choices: [{ delta: { content: 'We are open.”' } }] })}\n\n`);
    });
    expect(await answerOf(whole.replier, CALL)).toBe('We are open.”');
  });
});

test('roles that a template refuses in other words are adapted (Only user and assistant roles are supported!)', async () => {
  const { replier } = await chatWith(({ messages }) =>
    messages[0]?.role === 'system'
      ? refused(500, { message: 'Only user and assistant roles are supported!' })
      : good,
  );
  expect(await answerOf(replier, CALL)).toContain('Certainly');
  expect(server.asked).toHaveLength(2);
});
