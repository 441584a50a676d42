import type OpenAI from 'openai';
import type { ConversationTurn, Replier } from '../call/ports.ts';
import type { ChatSettings } from '../settings/settings.ts';
import { openAiClient } from './openai-client.ts';
import { pieceByPiece } from './request-deadlines.ts';
import { LIVE_TIMEOUTS, type ServiceTimeouts } from './timeouts.ts';
import { realTimer, type Timer } from './timers.ts';

/** A long call must not send its whole transcript with every request. */
const MAX_TURNS_SENT = 120;

/** The model knows two parties; an operator counts as the assistant. */
const ROLES: Readonly<Record<ConversationTurn['speaker'], 'user' | 'assistant' | 'system'>> = {
  caller: 'user',
  assistant: 'assistant',
  operator: 'assistant',
  guidance: 'system',
};

/** Requests replies from the chat completions API, which nearly every compatible server supports. */
export class ChatReplier implements Replier {
  readonly #client: OpenAI;
  readonly #chat: ChatSettings;
  readonly #instructions: string;
  readonly #timeouts: ServiceTimeouts;
  readonly #timer: Timer;

  constructor(options: {
    readonly chat: ChatSettings;
    readonly instructions: string;
    readonly timeouts?: ServiceTimeouts;
    readonly timer?: Timer;
  }) {
    this.#chat = options.chat;
    this.#instructions = options.instructions;
    this.#timeouts = options.timeouts ?? LIVE_TIMEOUTS;
    this.#timer = options.timer ?? realTimer;
    this.#client = openAiClient(options.chat, this.#timeouts);
  }

  async *reply(
    conversation: readonly ConversationTurn[],
    signal: AbortSignal,
  ): AsyncGenerator<string, void, undefined> {
    const asking = { service: 'chat', doing: 'writing a reply', signal, timer: this.#timer } as const;
    const chunks = pieceByPiece(this.#timeouts.idleMs, asking, (ended) =>
      this.#client.chat.completions.create(
        { ...modelOf(this.#chat), messages: this.#messages(conversation), stream: true },
        { signal: ended },
      ),
    );
    for await (const chunk of chunks) {
      // The last chunk of some servers contains only token counts.
      const text = chunk.choices[0]?.delta?.content;
      if (text) yield text;
    }
  }

  #messages(conversation: readonly ConversationTurn[]): OpenAI.ChatCompletionMessageParam[] {
    const said = conversation.slice(-MAX_TURNS_SENT).filter(({ text }) => text !== '');
    return [
      { role: 'system', content: this.#instructions },
      ...said.map(({ speaker, text }) => ({ role: ROLES[speaker], content: text })),
    ];
  }
}

/** The fields of a chat request that come from the settings. */
export function modelOf(
  chat: ChatSettings,
): Pick<OpenAI.ChatCompletionCreateParams, 'model' | 'reasoning_effort'> {
  const { model, reasoningEffort } = chat;
  return reasoningEffort === undefined ? { model } : { model, reasoning_effort: reasoningEffort };
}
