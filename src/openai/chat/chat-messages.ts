import type { ConversationTurn } from '../../call/ports.ts';

/** A long call must not send its whole transcript with every request. */
const MAX_TURNS_SENT = 120;
/** The conversation's mark of a reply that the caller interrupted; a model that reads it writes it. */
const CUT_MARK = / —$/u;
/** The caller's last words are not cut below this. */
const MIN_LAST_CHARACTERS = 200;
/** A request without a caller's message is refused by strict templates (Qwen3: "No user query found in messages"). */
const SILENT_CALLER = '(The caller says nothing.)';

type Role = 'system' | 'user' | 'assistant';

/** A message of a chat request. */
export interface ChatMessage {
  readonly role: Role;
  readonly content: string;
}

export interface ChatMessagesOptions {
  /** The system prompt. */
  readonly instructions: string;
  readonly conversation: readonly ConversationTurn[];
  /** `no-system`: the instructions are put before the first message of the user. */
  readonly roles: 'any' | 'alternating' | 'no-system';
  /**
   * The oldest turns are omitted until all messages have at most this many characters. The instructions and the end of the caller's
   * last words are always there.
   */
  readonly maxCharacters: number;
}

/** The model knows two parties; an operator counts as the assistant. */
const ROLES: Readonly<Record<ConversationTurn['speaker'], Role>> = {
  caller: 'user',
  assistant: 'assistant',
  operator: 'assistant',
  guidance: 'system',
};

/**
 * The messages of a chat request: the instructions, then user and assistant in turns, the user first and last. Consecutive turns of
 * one party are joined and an opening greeting is quoted in the instructions, because the templates of many models (Gemma, Mistral,
 * Nova) accept nothing else and the others lose nothing. Only an operator's guidance stands between them as a message of the system;
 * with `alternating` it is part of the instructions, too.
 */
export function chatMessages(options: ChatMessagesOptions): ChatMessage[] {
  const { conversation, maxCharacters } = options;
  const said = conversation.filter(({ text }) => text.trim() !== '');
  let turns = withoutOldest(said, said.length - MAX_TURNS_SENT);
  let messages = arranged(turns, options);
  while (lengthOf(messages) > maxCharacters && turns.length > 1) {
    turns = withoutOldest(turns, Math.ceil(turns.length / 4));
    messages = arranged(turns, options);
  }
  return lengthOf(messages) > maxCharacters ? withShortLast(messages, maxCharacters) : messages;
}

/** The characters of the shortest request: the instructions and the end of the caller's last words. */
export function leastCharacters(options: ChatMessagesOptions): number {
  return lengthOf(chatMessages({ ...options, maxCharacters: 0 }));
}

/** What remains begins with the caller: a later reply is no greeting. */
function withoutOldest(turns: readonly ConversationTurn[], count: number): readonly ConversationTurn[] {
  if (count <= 0) return turns;
  const rest = turns.slice(count);
  const first = rest.findIndex(({ speaker }) => speaker === 'caller');
  return first < 0 ? rest.slice(-1) : rest.slice(first);
}

/** The characters of all messages. */
export function lengthOf(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, { content }) => sum + content.length, 0);
}

function arranged(
  turns: readonly ConversationTurn[],
  { instructions, roles }: ChatMessagesOptions,
): ChatMessage[] {
  const said = turns.map(({ speaker, text }) => ({
    role: ROLES[speaker],
    content: text.replace(CUT_MARK, ''),
  }));
  const first = said.findIndex(({ role }) => role === 'user');
  const opening = first < 0 ? said : said.slice(0, first);
  const between = first < 0 ? [] : said.slice(first);
  const guidance = [...opening, ...(roles === 'any' ? [] : between)].filter(({ role }) => role === 'system');
  const greeting = opening.filter(({ role }) => role === 'assistant');
  const system = [
    instructions,
    ...(greeting.length > 0 ? [`You have already said to the caller: “${contents(greeting, ' ')}”`] : []),
    ...guidance.map(({ content }) => content),
  ].join('\n\n');
  const spoken = joined(roles === 'any' ? between : between.filter(({ role }) => role !== 'system'));
  if (spoken.findLast(({ role }) => role !== 'system')?.role !== 'user')
    spoken.push({ role: 'user', content: SILENT_CALLER });
  if (system.trim() === '') return spoken;
  if (roles !== 'no-system') return [{ role: 'system', content: system }, ...spoken];
  const [head, ...rest] = spoken;
  return [{ role: 'user', content: `${system}\n\n${head!.content}` }, ...rest];
}

function joined(messages: readonly ChatMessage[]): ChatMessage[] {
  const result: ChatMessage[] = [];
  for (const message of messages) {
    const last = result.at(-1);
    if (last?.role !== message.role) result.push(message);
    else result[result.length - 1] = { role: last.role, content: contents([last, message], '\n') };
  }
  return result;
}

function contents(messages: readonly ChatMessage[], separator: string): string {
  return messages.map(({ content }) => content).join(separator);
}

/** The end of the last message, with the instructions: what one turn alone leaves room for. */
function withShortLast(messages: readonly ChatMessage[], maxCharacters: number): ChatMessage[] {
  const last = messages.at(-1)!;
  const others = messages.slice(0, -1);
  const room = Math.max(MIN_LAST_CHARACTERS, maxCharacters - lengthOf(others));
  return [...others, { role: last.role, content: last.content.slice(-room) }];
}
