import type { SpeechToSpeechSession } from '../ports.ts';
import type { Conversation } from './conversation.ts';
import type { ServiceCalls, SpokenReplyHandlers, SpokenReplyRequest } from './service-calls.ts';

/** Requests the replies of a speech-to-speech model, which is shown the conversation of the call. */
export class SpokenReplies {
  readonly #session: SpeechToSpeechSession;
  readonly #conversation: Conversation;
  readonly #serviceCalls: ServiceCalls;

  constructor(session: SpeechToSpeechSession, conversation: Conversation, serviceCalls: ServiceCalls) {
    this.#session = session;
    this.#conversation = conversation;
    this.#serviceCalls = serviceCalls;
  }

  /** False: it has failed, and the call goes on without it. */
  get available(): boolean {
    return this.#session.available;
  }

  /** Requests the reply to what the caller has said. */
  reply(handlers: SpokenReplyHandlers): SpokenReplyRequest {
    const entries = this.#conversation.entries(this.#serviceCalls.now());
    const asked = entries.findLast(({ text }) => text !== undefined)?.text ?? '';
    return this.#serviceCalls.spokenReply(
      asked,
      (request, signal) => this.#session.reply(request, entries, signal),
      handlers,
    );
  }
}
