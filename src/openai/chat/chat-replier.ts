import type { ConversationTurn, Replier, RETRACT } from '../../call/ports.ts';
import type { ChatSettings } from '../../settings/settings.ts';
import type { RequestEnvironment } from '../server/request-environment.ts';
import type { ServerProfiles } from '../server/server-profiles.ts';
import { ServiceClient } from '../server/service-client.ts';
import { LIVE_TIMEOUTS, type ServiceTimeouts } from '../server/timeouts.ts';
import { ChatRequests } from './chat-request.ts';

export interface ChatReplierOptions extends RequestEnvironment {
  readonly chat: ChatSettings;
  readonly instructions: string;
  readonly timeouts?: ServiceTimeouts | undefined;
  readonly profiles?: ServerProfiles | undefined;
}

/** Requests replies from the chat completions API, which nearly every compatible server supports. */
export class ChatReplier implements Replier {
  readonly server: string;
  readonly #requests: ChatRequests;
  readonly #instructions: string;

  constructor(options: ChatReplierOptions) {
    const { chat, instructions, timeouts = LIVE_TIMEOUTS, profiles, ...environment } = options;
    const client = new ServiceClient({ service: 'chat', settings: chat, timeouts, profiles, ...environment });
    this.server = client.server;
    this.#requests = new ChatRequests(client, chat);
    this.#instructions = instructions;
  }

  wake(): void {
    this.#requests.wake();
  }

  /** Throws a `ServiceError`, also after a part of the reply. Ends without an error if `signal` aborts it. */
  reply(
    conversation: readonly ConversationTurn[],
    signal: AbortSignal,
  ): AsyncGenerator<string | typeof RETRACT, void, undefined> {
    const instructions = this.#instructions;
    return this.#requests.ask({ doing: 'writing a reply', instructions, conversation, signal });
  }
}
