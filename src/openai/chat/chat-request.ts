import type { ConversationTurn } from '../../call/ports.ts';
import { RETRACT, ServiceError } from '../../call/ports.ts';
import type { HttpResponse } from '../../proxy/http-response.ts';
import type { ChatSettings } from '../../settings/settings.ts';
import type { ServiceClient, ShapeRefusal } from '../server/service-client.ts';
import { responseText } from '../server/response-text.ts';
import { chatMessages, leastCharacters } from './chat-messages.ts';
import type { ChatPart } from './chat-parts.ts';
import { ChatResponseReader } from './chat-response-reader.ts';
import { ChatShape, type SentChat } from './chat-shape.ts';
import { exceedsContext } from './context-window.ts';
import { misplacedAnswer } from './misplaced-answer.ts';
import { RepeatingReply } from './repeating-reply.ts';
import { ReplyText } from './reply-text.ts';
import { ReplyFilters } from './filters/reply-filters.ts';

const PATH = '/chat/completions';
/** A response without words is requested once more. */
const MAX_ATTEMPTS = 2;
const MAX_WAKE_BYTES = 64 * 1024;

export interface ChatQuestion {
  /** For errors: "writing a reply". */
  readonly doing: string;
  readonly instructions: string;
  readonly conversation: readonly ConversationTurn[];
  readonly signal: AbortSignal;
}

/** The end of a response. */
interface Ending {
  /** Why the model stopped. */
  reason?: string;
  /** An event stream ended without `[DONE]`. */
  lacksDone?: boolean;
  /** Damaged JSON stood within the reply. */
  isDamaged?: boolean;
  /** The beginning of the thoughts that the server sends in a field of their own. */
  thoughts?: string;
}

const MAX_THOUGHTS = 2_000;

/** Finish reasons after which the last sentence is incomplete. */
const CUT_OFF =
  /^(?:length|max_tokens|model_length|max_output_tokens|content_filter|safety|recitation|prohibited_content|error|insufficient_system_resource)$/iu;
/** The end of a sentence; closing marks, emoji and rules may follow. */
const SENTENCE_END = /[.!?…。！？।؟۔᠃։።][^\p{L}\p{N}]*$/u;

/** Sends chat requests in a shape that the server accepts and reads the responses, whatever their shape. */
export class ChatRequests {
  readonly #client: ServiceClient;
  readonly #chat: ChatSettings;
  readonly #shape: ChatShape;

  constructor(client: ServiceClient, chat: ChatSettings) {
    this.#client = client;
    this.#chat = chat;
    this.#shape = new ChatShape(client.profile);
  }

  /**
   * Yields the words of one response, without thoughts. A response without words is requested once more. Throws a `ServiceError`,
   * also after words have been yielded; ends without an error if the signal aborts it.
   */
  async *ask(question: ChatQuestion): AsyncGenerator<string | typeof RETRACT, void, undefined> {
    const ending: Ending = {};
    for (let attempt = 1; ; attempt += 1) {
      let hasWords = false;
      for await (const part of this.#words(question, ending)) {
        hasWords = part === RETRACT ? false : hasWords || WORDS.test(part);
        yield part;
      }
      if (hasWords || question.signal.aborted) return;
      const { profile } = this.#client;
      const isLast = attempt === MAX_ATTEMPTS || profile.value.answersAsThoughts === true;
      const answer = isLast && ending.reason === 'stop' ? misplacedAnswer(ending.thoughts ?? '') : undefined;
      if (answer !== undefined) {
        profile.learn({ answersAsThoughts: true });
        yield answer;
        return;
      }
      const said = `the response has no words (finish reason: ${ending.reason ?? 'not given'})`;
      const failure = this.#client.failure(question.doing, said, { transient: true, code: 'no_words' });
      if (attempt === MAX_ATTEMPTS) throw failure;
      profile.retried(failure.details, 'at once');
    }
  }

  /** Requests one token, so that the server loads its model. */
  wake(): void {
    const { endpoint, waker } = this.#client;
    const messages = [{ role: 'user', content: 'Hello.' }];
    const body = { model: this.#chat.model, messages, max_tokens: 1 };
    waker.wake(async (signal) =>
      responseText(await endpoint.postJson(PATH, body, { signal }), MAX_WAKE_BYTES),
    );
  }

  async *#words(question: ChatQuestion, ending: Ending): AsyncGenerator<string | typeof RETRACT> {
    const { doing, instructions, conversation, signal } = question;
    const { profile } = this.#client;
    const shape = this.#shape;
    let sent: SentChat = { messages: [], roles: shape.roles, fields: [], leastCharacters: 0 };
    const filters = new ReplyFilters({ thoughtsFirst: profile.value.thoughtsFirst });
    const adapt = (refusal: ShapeRefusal): boolean => {
      if (shape.adapt(refusal, sent)) return true;
      if (exceedsContext(refusal)) throw this.#tooLong(doing, refusal, sent);
      return false;
    };
    const pieces = this.#client.pieces(
      { doing, signal, adapt, failed: () => shape.requestFailed() },
      async (ended) => {
        const { roles, maxCharacters } = shape;
        const options = { instructions, conversation, roles, maxCharacters };
        const messages = chatMessages(options);
        const body = { ...this.#fields(), messages };
        const fields = Object.keys(body);
        sent = { messages, roles, fields, leastCharacters: leastCharacters(options) };
        const { endpoint, waker } = this.#client;
        const response = await waker.timed(() => endpoint.postJson(PATH, body, { signal: ended }));
        return this.#read(response, doing, ending);
      },
    );
    let words = '';
    const repeating = new RepeatingReply();
    const repeats = () =>
      this.#client.failure(doing, 'the reply repeats itself', { transient: true, code: 'repeating_reply' });
    const counted = function* (parts: Iterable<string | typeof RETRACT>): Generator<string | typeof RETRACT> {
      for (const part of parts) {
        words = part === RETRACT ? '' : words + part;
        if (part === RETRACT) repeating.reset();
        else if (repeating.add(part)) throw repeats();
        yield part;
      }
    };
    for await (const text of pieces) yield* counted(filters.add(text));
    if (!signal.aborted) yield* counted(filters.end());
    if (filters.retracted) profile.learn({ thoughtsFirst: true });
    else if (profile.value.thoughtsFirst && words !== '' && !signal.aborted)
      profile.learn({ thoughtsFirst: false });
    if (filters.removed)
      profile.observe('sends thoughts, tool calls, template tokens or names of speakers within the text');
    const cause = signal.aborted ? undefined : cutOff(words, ending);
    if (cause !== undefined)
      throw this.#client.failure(doing, cause, { transient: true, code: 'incomplete_reply' });
  }

  #fields(): Record<string, unknown> {
    const { model, reasoningEffort } = this.#chat;
    const shape = this.#shape;
    const fields: Record<string, unknown> = { model };
    if (reasoningEffort !== undefined && shape.sends('reasoning_effort'))
      fields['reasoning_effort'] = reasoningEffort;
    if (shape.sends('stream')) fields['stream'] = true;
    return fields;
  }

  async *#read(response: HttpResponse, doing: string, ending: Ending): AsyncGenerator<string> {
    const shape = this.#shape;
    const reader = new ChatResponseReader();
    const text = new ReplyText();
    delete ending.reason;
    delete ending.lacksDone;
    delete ending.isDamaged;
    delete ending.thoughts;
    let [hasWords, wasDamaged] = [false, false];
    const textOf = (part: ChatPart): string => {
      if (part.kind === 'error') throw this.#errorInResponse(doing, part);
      if (part.kind === 'finish') ending.reason = part.reason;
      if (part.kind === 'nothing' && (ending.thoughts ?? '').length < MAX_THOUGHTS)
        ending.thoughts = (ending.thoughts ?? '') + (part.thought ?? '');
      if (part.kind === 'unreadable') this.#client.profile.observe('sends damaged JSON');
      wasDamaged ||= hasWords && part.kind === 'unreadable';
      const words = text.add(part);
      if (wasDamaged && words !== '') ending.isDamaged = true;
      hasWords ||= words !== '';
      return words;
    };
    for await (const bytes of response.body ?? []) {
      const parts = reader.read(bytes);
      for (const part of parts) yield textOf(part);
      if (parts.length > 0) shape.accepted();
      // An empty piece shows that the connection is alive.
      yield '';
      if (reader.done) break;
    }
    const last = reader.done ? [] : reader.end();
    for (const part of last) yield textOf(part);
    if (last.length > 0) shape.accepted();
    if (shape.sends('stream') && reader.framing === 'json')
      this.#client.profile.observe('sends JSON instead of an event stream');
    ending.lacksDone = reader.framing === 'events' && !reader.done;
  }

  #tooLong(doing: string, { status, message }: ShapeRefusal, { leastCharacters }: SentChat): ServiceError {
    const cause = `the instructions and the caller's last words (${leastCharacters} characters) do not fit into the context window`;
    const said = message === '' ? cause : `${cause}: ${message}`;
    return this.#client.failure(doing, said, { transient: false, code: 'instructions_too_long', status });
  }

  #errorInResponse(doing: string, { error }: ChatPart & { kind: 'error' }): Error {
    this.#client.profile.observe('reports errors inside successful responses');
    const said = error.message ?? 'an error without a message';
    return this.#client.failure(doing, said, { transient: true, code: error.code });
  }
}

/** Why a reply is incomplete: its last sentence has no end, and the server stopped it or its end is missing. */
function cutOff(words: string, { reason, lacksDone, isDamaged }: Ending): string | undefined {
  if (isDamaged) return 'a part of the reply was damaged JSON';
  if (!WORDS.test(words) || SENTENCE_END.test(words)) return undefined;
  if (reason !== undefined) return CUT_OFF.test(reason) ? `the reply was cut off (${reason})` : undefined;
  return lacksDone ? 'the reply ended in mid-sentence, without a finish reason' : undefined;
}

/** A text that can be spoken has at least one of these. */
const WORDS = /[\p{L}\p{N}]/u;
