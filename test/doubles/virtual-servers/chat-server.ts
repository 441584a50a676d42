import { chatText, type ChatText, type Thoughts } from './chat-texts.ts';
import type { Dice } from './dice.ts';
import { anyFailure, refusal, refusedShape, textResponse } from './failing-responses.ts';
import type { VirtualServer, WireRequest, WireResponse } from './virtual-network.ts';

const FRAMINGS = ['events', 'events', 'crlf', 'comments', 'tight', 'json', 'lines'] as const;
type Framing = (typeof FRAMINGS)[number];

/** What is the same in every response of one chat server. */
interface ChatPersonality {
  readonly framing: Framing;
  readonly thoughts: Thoughts;
  readonly refuses: readonly ('system' | 'reasoning_effort' | 'stream')[];
  /** How a refusal is worded. */
  readonly wording: 'named' | 'bare' | 'as a server error';
  readonly sendsDone: boolean;
  readonly sendsFinish: boolean;
  readonly contentAsList: boolean;
  readonly windowCharacters: number;
  readonly failing: number;
}

interface Message {
  readonly role: string;
  readonly content: string;
}

/** A chat server whose personality and responses come from the dice. */
export function chatServer(dice: Dice): VirtualServer {
  const personality = drawn(dice);
  return (request) => {
    const refused = refusalOf(request, personality, dice);
    if (refused) return refused;
    if (dice.chance(personality.failing))
      return dice.chance(0.6) ? anyFailure(dice) : halfReply(personality, dice);
    const answer = reply(chatText(dice, personality.thoughts), personality, dice);
    return { ...answer, thinksAloud: personality.thoughts === 'unopened' };
  };
}

function drawn(dice: Dice): ChatPersonality {
  return {
    framing: dice.pick(FRAMINGS),
    thoughts: dice.pick(['none', 'none', 'tags', 'unopened', 'field', 'tool calls']),
    refuses: (['system', 'reasoning_effort', 'stream'] as const).filter(() => dice.chance(0.15)),
    wording: dice.pick(['named', 'named', 'bare', 'as a server error']),
    sendsDone: dice.chance(0.75),
    sendsFinish: dice.chance(0.8),
    contentAsList: dice.chance(0.1),
    windowCharacters: dice.chance(0.15) ? dice.between(150, 400) : Infinity,
    failing: dice.pick([0, 0.1, 0.3, 0.6]),
  };
}

const WORDINGS: Readonly<Record<string, string>> = {
  system: 'System role not supported',
  reasoning_effort: "Unsupported parameter: 'reasoning_effort' is not supported with this model.",
  stream: 'Streaming is not supported by this deployment',
};

function refusalOf(
  { body }: WireRequest,
  personality: ChatPersonality,
  dice: Dice,
): WireResponse | undefined {
  const messages = body['messages'] as readonly Message[];
  const roles = messages.map(({ role }) => role);
  const sent = (what: string): boolean =>
    what === 'system' ? roles.includes('system') : body[what] !== undefined;
  const what = personality.refuses.find(sent);
  if (what !== undefined) return refusalFor(what, personality.wording, body);
  const spoken = roles[0] === 'system' ? roles.slice(1) : roles;
  if (!spoken.every((role, at) => role === (at % 2 === 0 ? 'user' : 'assistant')))
    return refusal('roles', 400, { error: { message: 'Conversation roles must alternate user/assistant' } });
  const length = messages.reduce((sum, { content }) => sum + content.length, 0);
  if (length <= personality.windowCharacters) return undefined;
  const message = dice.chance(0.5)
    ? `This model's maximum context length is ${personality.windowCharacters} tokens. However, you requested ${length} tokens.`
    : 'the request exceeds the available context size, try increasing it';
  return refusal(`length ${length}`, 400, {
    error: { message, code: 400, type: 'exceed_context_size_error' },
  });
}

function refusalFor(
  what: string,
  wording: ChatPersonality['wording'],
  body: WireRequest['body'],
): WireResponse {
  const message = WORDINGS[what]!;
  if (wording === 'bare')
    return refusal(refusedShape(what, false, body), 400, { error: { message: 'Bad Request' } });
  const status = wording === 'named' ? 400 : 500;
  return refusal(what, status, {
    error: { message, type: 'invalid_request_error', param: null, code: null },
  });
}

/** A reply that ends badly. */
function halfReply(personality: ChatPersonality, dice: Dice): WireResponse {
  const { text, ...rest } = chatText(dice, 'none');
  const kind = dice.pick(['breaks', 'stalls', 'length', 'error', 'late'] as const);
  if (kind === 'late')
    return {
      ...reply({ text, ...rest }, personality, dice),
      name: 'late reply',
      afterMs: dice.between(5_000, 22_000),
    };
  const cut = `${text.slice(0, dice.between(1, text.length))} and then of the`;
  const half = reply({ text: cut, reasoning: '', hasWords: true }, personality, dice, kind);
  if (kind === 'breaks') return { ...half, name: 'reply breaks', verdict: 'bad', end: 'breaks' };
  if (kind === 'stalls') return { ...half, name: 'reply stalls', verdict: 'stalls', end: 'stalls' };
  return { ...half, name: kind === 'length' ? 'reply is cut off' : 'error within a reply', verdict: 'bad' };
}

type Half = 'breaks' | 'stalls' | 'length' | 'error';

function reply(said: ChatText, personality: ChatPersonality, dice: Dice, half?: Half): WireResponse {
  const { framing, sendsDone, sendsFinish } = personality;
  const isOpen = half === 'breaks' || half === 'stalls';
  const finish =
    half === 'length' ? 'length' : half !== undefined ? undefined : sendsFinish ? 'stop' : undefined;
  const afterMs = dice.between(50, 1_200);
  const lastsMs = said.text.length * dice.between(1, 12);
  const type =
    framing === 'json'
      ? 'application/json'
      : framing === 'lines'
        ? 'application/x-ndjson'
        : 'text/event-stream';
  if (framing === 'json') {
    const message = { role: 'assistant', content: said.text, reasoning_content: said.reasoning };
    const choices = [{ index: 0, message, finish_reason: finish ?? null }];
    const body = JSON.stringify({
      id: 'c',
      object: 'chat.completion',
      choices,
      ...(half === 'error' && { choices: [], error: { message: 'overloaded' } }),
    });
    const whole = isOpen ? body.slice(0, body.length >> 1) : body;
    return response(whole, { afterMs: afterMs + lastsMs, lastsMs: 0, type, said }, dice);
  }
  const tokens = tokensOf(said.text, dice);
  const lines = framing === 'lines';
  const values: object[] = [
    ...(said.reasoning === '' ? [] : [delta({ reasoning_content: said.reasoning }, lines)]),
    ...(lines
      ? []
      : [
          delta({ role: 'assistant', content: '' }, lines),
          { id: 'c', object: 'chat.completion.chunk', usage: null },
        ]),
    ...tokens.map((content) =>
      delta(
        { content: personality.contentAsList && !lines ? [{ type: 'text', text: content }] : content },
        lines,
      ),
    ),
    ...(half === 'error' ? [{ error: { message: 'overloaded', code: 529 } }] : []),
    ...(finish === undefined ? [] : [lines ? { done: true, done_reason: finish } : delta({}, lines, finish)]),
  ];
  const ended = !isOpen && (sendsDone || finish === undefined) && !(half === 'error');
  const body = framed(values, framing, ended && sendsDone);
  // A reply without an end of its last sentence and without a finish reason counts as broken.
  const endless = finish === undefined && half === undefined && !(ended && sendsDone) && !lines;
  const verdict = endless && said.hasWords && !endsSentence(said.text) ? 'bad' : undefined;
  return {
    ...response(body, { afterMs, lastsMs, type, said }, dice),
    ...(verdict && { verdict, name: 'ends without a finish reason' }),
  };
}

/** Tokens and calls of tools at the end are no words. */
function endsSentence(text: string): boolean {
  const words = text.replace(/<\|im_end\|>$|\n?(?:<tool_call>|```json)?\s*\[?\{[^]*$/u, '');
  return /[.!?。][^\p{L}\p{N}]*$/u.test(words);
}

function response(
  body: string,
  { afterMs, lastsMs, type, said }: { afterMs: number; lastsMs: number; type: string; said: ChatText },
  dice: Dice,
): WireResponse {
  const parts = dice.cut(Buffer.from(body), 10, lastsMs);
  const verdict = said.hasWords ? 'good' : 'bad';
  const named = textResponse(said.hasWords ? 'reply' : 'reply without words', verdict, {
    body,
    type,
    afterMs,
  });
  return { ...named, parts };
}

function delta(content: object, isOllama: boolean, finish: string | null = null): object {
  if (isOllama) return { model: 'm', message: { role: 'assistant', content: '', ...content }, done: false };
  return {
    ...{ id: 'c', object: 'chat.completion.chunk', model: 'm' },
    choices: [{ index: 0, delta: content, finish_reason: finish }],
  };
}

function framed(values: readonly object[], framing: Framing, sendsDone: boolean): string {
  const data = values.map((value) => JSON.stringify(value));
  if (framing === 'lines') return data.map((one) => `${one}\n`).join('');
  const all = sendsDone ? [...data, '[DONE]'] : data;
  const end = framing === 'crlf' ? '\r\n\r\n' : framing === 'tight' ? '\n' : '\n\n';
  const before = framing === 'comments' ? ': OPENROUTER PROCESSING\n\n' : '';
  return all.map((one) => `${before}data: ${one}${end}`).join('');
}

/** Pieces of any length, also within words. */
function tokensOf(text: string, dice: Dice): string[] {
  const most = dice.pick([3, 8, 40]);
  const characters = [...text];
  const tokens: string[] = [];
  for (let at = 0; at < characters.length;) {
    const length = dice.between(1, most);
    tokens.push(characters.slice(at, at + length).join(''));
    at += length;
  }
  return tokens;
}
