import type { ConversationEntry } from '../../../call/ports.ts';
import type { RealtimeError } from '../event-fields.ts';
import type { ConnectionTiming } from '../realtime-connection.ts';
import type { RealtimeFailures } from '../realtime-failure.ts';
import { cancelResponse, type ResponseEvent } from '../response-events.ts';
import { type MoreWords, ResponseStream } from '../response-stream.ts';
import type { CallerSide } from './caller-side.ts';
import { type ConversationMemory, responseKey } from './conversation-memory.ts';
import { createReply, replyLabelOf } from './conversation-messages.ts';
import { CurrentResponse } from './current-response.ts';
import { ForeignResponses } from './foreign-responses.ts';
import type { SessionLink } from './session-link.ts';

/** The server's conversation has another response in progress. */
export const BUSY = 'conversation_already_has_active_response';

export interface ReplySideOptions {
  readonly link: SessionLink;
  readonly memory: ConversationMemory;
  readonly caller: CallerSide;
  readonly failures: RealtimeFailures;
  readonly timing: ConnectionTiming;
  /** Resolves when the session is configured; rejects when it is over before. */
  readonly ready: Promise<void>;
}

/** The model's side of a conversation: one response at a time. */
export class ReplySide {
  readonly #options: ReplySideOptions;
  /** The last one that was asked for. */
  #last: CurrentResponse | undefined;
  /** Those that were requested and have not ended at the server: one, since each waits for the one before. */
  readonly #active = new Set<CurrentResponse>();
  /** Responses that the server began by itself, by their ids. */
  readonly #foreign = new ForeignResponses();
  /** Labels of requests that were refused once because of another response. */
  readonly #refused = new Set<string>();
  #format: 'mulaw' | 'pcm' = 'mulaw';
  /** Labels of cancelled responses of which events still came. */
  readonly #late = new Set<string>();
  /** The label of the last response that the server has ended. */
  #ended: string | undefined;
  #numbered = 0;

  constructor(options: ReplySideOptions) {
    this.#options = options;
  }

  /**
   * Requests a reply to the conversation. The caller's last utterance may not be among the entries yet. Throws a `ServiceError`; ends
   * without one if `signal` aborts it.
   */
  async *reply(
    request: number,
    entries: readonly ConversationEntry[],
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array | MoreWords, void, undefined> {
    const { failures, timing, ready } = this.#options;
    // A request that was cancelled before it was sent does not wait for the response that is still active.
    const before = [...[this.#last, ...this.#active].map((one) => one?.over), this.#foreign.over];
    const known = this.#options.memory.keys;
    const hasMore = this.#options.caller.hasOpenUtterance;
    const stream = new ResponseStream<MoreWords>(failures, timing, { ended: () => undefined });
    const response = new CurrentResponse(`${REPLY}${(this.#numbered += 1)}`, stream);
    this.#last = response;
    const cancel = (): void => this.#cancel(response);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      // The server takes no request before the last response has ended. Whatever is late here, the stream fails in time.
      Promise.all([ready, ...before]).then(
        () => this.#request(response, { request, entries, hasMore, known }),
        (error: Error) => response.fail(error),
      );
      yield* stream.read();
    } finally {
      signal.removeEventListener('abort', cancel);
      this.#cancel(response);
    }
  }

  /** True if the server has ended the last response itself: whatever was wrong with it, the session goes on. */
  get lastHasEnded(): boolean {
    return this.#last !== undefined && this.#last.label === this.#ended;
  }

  /** True while a response is read. */
  get inProgress(): boolean {
    return this.#last !== undefined && !this.#last.isCancelled;
  }

  /** The session is configured: how it speaks. For PCM, `loadResampler` must have been awaited. */
  begin(format: 'mulaw' | 'pcm'): void {
    this.#format = format;
  }

  take(event: ResponseEvent): void {
    const { link, memory } = this.#options;
    if (event.kind === 'unusable') return link.ignore(event.reason);
    if (event.kind === 'unneeded') return undefined;
    if (event.kind === 'response-created') return this.#created(event.response, replyLabelOf(event.metadata));
    if (this.#foreign.take(event, (item) => memory.delete(item))) return undefined;
    const response = this.#of(event.response);
    if (response === undefined) return undefined;
    // The item and the end are needed of a cancelled response, too.
    if (event.kind === 'response-item') return memory.named(response.item, event.item);
    if (event.kind === 'response-done') return this.#done(response, event);
    if (response.isCancelled) {
      this.#late.add(response.label);
      return link.late('an event after a cancel');
    }
    switch (event.kind) {
      case 'audio':
        if (event.item !== undefined) memory.named(response.item, event.item);
        return response.audio(event.bytes, this.#format, event.item);
      case 'more-words':
        return response.moreWords(event.part, event.words);
      case 'words':
        return response.words(event.part, event.words);
      case 'progress':
        return response.stream.progress();
    }
  }

  /** The server refused a message. Returns false if it was no request for a reply. */
  refused(label: string, error: RealtimeError): boolean {
    if (!label.startsWith(REPLY)) return false;
    for (const response of this.#active) {
      if (response.label !== label) continue;
      if (error.code === BUSY && this.#waitsForOther(response)) continue;
      this.#active.delete(response);
      response.fail(this.#options.failures.said(error));
    }
    return true;
  }

  /** The session is over. */
  close(error: Error): void {
    for (const response of this.#active) response.fail(error);
    this.#active.clear();
    this.#foreign.close();
    this.#last?.fail(error);
  }

  /** The request was refused because of a response that the server began by itself: it is repeated after that one. Returns false if there is none. */
  #waitsForOther(response: CurrentResponse): boolean {
    // It is taken for the one that was requested.
    if (response.id !== undefined) return true;
    if (!this.#foreign.isActive || this.#refused.has(response.label)) return false;
    this.#refused.add(response.label);
    void this.#foreign.over.then(() => {
      if (this.#active.has(response) && !response.isCancelled)
        this.#options.link.send(createReply(response.label));
    });
    return true;
  }

  #request(
    response: CurrentResponse,
    asked: {
      readonly request: number;
      readonly entries: readonly ConversationEntry[];
      readonly hasMore: boolean;
      readonly known: ReadonlySet<string>;
    },
  ): void {
    if (response.isCancelled) return;
    const { memory, link, caller } = this.#options;
    response.isRequested = true;
    this.#active.add(response);
    caller.dropStrays();
    memory.correct(asked.entries, asked);
    memory.add(responseKey(asked.request), response.item);
    link.send(createReply(response.label));
  }

  /** `label`: some servers do not return it; a conversation has one response at a time. */
  #created(id: string, label: string | undefined): void {
    const { link } = this.#options;
    const response = [...this.#active].find((one) => one.id === undefined);
    if (response === undefined || (label ?? response.label) !== response.label) {
      link.send(cancelResponse(id));
      this.#foreign.add(id);
      return link.ignore('a response that was not requested');
    }
    response.id = id;
    if (response.isCancelled) link.send(cancelResponse(id));
    else response.stream.progress();
  }

  #of(id: string): CurrentResponse | undefined {
    const response = [...this.#active].find((one) => one.id === id);
    if (response === undefined) this.#options.link.ignore('an event of an unknown response');
    return response;
  }

  #done(
    response: CurrentResponse,
    { status, words, error }: Extract<ResponseEvent, { kind: 'response-done' }>,
  ): void {
    this.#options.link.useful();
    this.#active.delete(response);
    this.#ended = response.label;
    response.done(status, words, error);
  }

  /** Nothing more is read of a response. */
  #cancel(response: CurrentResponse): void {
    if (response.isCancelled) return;
    response.cancel();
    if (response.isOver) return;
    const { link, timing } = this.#options;
    if (response.id !== undefined) link.send(cancelResponse(response.id));
    // A server that says nothing of it any more has stalled: the next reply would wait for it.
    const stopWaiting = timing.timer(timing.dueMs, () => {
      if (!this.#late.has(response.label)) link.stalled('a cancelled response does not end');
    });
    void response.over.then(stopWaiting);
  }
}

/** The beginning of the labels of requests. */
const REPLY = 'reply-';
