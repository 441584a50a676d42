import type { ServiceError } from '../../call/ports.ts';
import type { SpeechSettings } from '../../settings/settings.ts';
import type { IgnoredMessages } from './ignored-messages.ts';
import type { RealtimeFailures } from './realtime-failure.ts';
import {
  cancelResponse,
  type FromRealtime,
  isMulaw,
  readRealtime,
  SESSION_UPDATE_ID,
  sessionUpdate,
  speakText,
} from './realtime-messages.ts';
import { RealtimeSocket } from './realtime-socket.ts';
import { RequestTable, type SentenceRequest } from './request-table.ts';
import { Sentence, type VoiceTiming } from './sentence.ts';

/**
 * A session ends after 60 minutes (https://developers.openai.com/api/docs/guides/realtime-conversations); it begins no sentence in
 * the last five.
 */
const RENEW_AFTER_MS = 55 * 60_000;
/** Without a sentence for this long, a session is closed. Longer than the usual time between two checks of the services. */
const IDLE_MS = 6 * 60_000;
const PING_EVERY_MS = 15_000;
/** A connection with this many unusable messages since the last complete sentence is closed. */
const MAX_UNUSABLE = 1_000;
/** The response ended before our message arrived: nothing is wrong. */
const NOT_ACTIVE = 'response_cancel_not_active';

export interface SessionListener {
  /** The connection is over. Called once. */
  closed(): void;
}

export interface SessionOptions {
  readonly speech: SpeechSettings;
  readonly failures: RealtimeFailures;
  readonly ignored: IgnoredMessages;
  readonly timing: VoiceTiming;
  readonly listener: SessionListener;
}

/** One connection to a Realtime server, in which it speaks several sentences at the same time. Opens at once. */
export class RealtimeSession {
  readonly #options: SessionOptions;
  readonly #socket: RealtimeSocket;
  readonly #openedAtMs: number;
  readonly #requests = new RequestTable();
  #state: 'opening' | 'ready' | 'closed' = 'opening';
  #retired = false;
  #numbered = 0;
  #unusable = 0;
  /** Of the opening, later of the pings. */
  #cancelTimer: () => void;
  #cancelIdle = (): void => {};

  constructor(options: SessionOptions) {
    this.#options = options;
    const { speech, failures, timing } = options;
    this.#openedAtMs = timing.now();
    const late = (): void => this.close(failures.late('the session does not begin'));
    this.#cancelTimer = timing.timer(timing.dueMs, late);
    this.#socket = new RealtimeSocket(speech, failures, {
      opened: () => this.#socket.send(sessionUpdate(speech.voice)),
      message: (text) => this.#take(readRealtime(text)),
      binary: () => this.#ignore('a binary message'),
      closed: (error) => this.#closed(error),
    });
  }

  /** The sentences in progress. */
  get inProgress(): number {
    return this.#requests.size;
  }

  /** True if another sentence may begin. */
  get usable(): boolean {
    const isYoung = this.#options.timing.now() - this.#openedAtMs < RENEW_AFTER_MS;
    return this.#state !== 'closed' && !this.#retired && isYoung;
  }

  /** Requests a sentence, as soon as the session is ready. */
  speak(text: string): Sentence {
    const label = `s${(this.#numbered += 1)}`;
    const { failures, timing } = this.#options;
    const ended = (late: boolean): void => this.#sentenceEnded(label, late);
    const sentence = new Sentence(failures, timing, { ended });
    const request = this.#requests.add(label, text, sentence);
    this.#cancelIdle();
    this.#socket.keepProcess(true);
    if (this.#state === 'ready') this.#send(request);
    return sentence;
  }

  /** Sentences in progress are finished; then the connection is closed. */
  retire(): void {
    this.#retired = true;
    if (this.#requests.size === 0) this.close(this.#options.failures.of('the session is over'));
  }

  close(error: ServiceError): void {
    this.#socket.end(error);
  }

  #take(event: FromRealtime): void {
    if (this.#state === 'closed') return undefined;
    switch (event.kind) {
      case 'session-updated':
        return this.#configured(event.outputFormat);
      case 'response-created':
        return this.#created(event.response, event.label);
      case 'audio':
        return this.#of(event.response)?.sentence.addAudio(event.mulaw);
      case 'words':
        return this.#of(event.response)?.sentence.addWords(event.part, event.words);
      case 'progress':
        return this.#of(event.response)?.sentence.progress();
      case 'response-done':
        return this.#done(event);
      case 'error':
        return this.#failed(event);
      case 'unusable':
        return this.#ignore(event.reason);
      case 'unneeded':
        return undefined;
    }
  }

  #configured(outputFormat: string | undefined): void {
    if (this.#state !== 'opening') return;
    const { failures, timing } = this.#options;
    if (!isMulaw(outputFormat)) {
      const said = `the server speaks ${outputFormat ?? 'an unstated format'}, not audio/pcmu`;
      return this.close(failures.of(said, { transient: false, code: 'wrong_format' }));
    }
    this.#state = 'ready';
    const ping = (): void => {
      if (!this.#socket.ping()) return this.close(failures.late('the connection is dead'));
      this.#cancelTimer = timing.timer(PING_EVERY_MS, ping);
    };
    this.#cancelTimer();
    this.#cancelTimer = timing.timer(PING_EVERY_MS, ping);
    for (const request of this.#requests.all) this.#send(request);
    if (this.#requests.size === 0) this.#idle();
  }

  #send(request: SentenceRequest): void {
    request.sent = true;
    this.#socket.send(speakText(request.label, request.text));
  }

  #created(response: string, label: string | undefined): void {
    const request = this.#requests.begin(response, label);
    if (request === 'cancelled') this.#socket.send(cancelResponse(response));
    else if (request === undefined) this.#ignore('a response that was not requested');
    else request.sentence.progress();
  }

  #of(response: string): SentenceRequest | undefined {
    const request = this.#requests.of(response);
    // Events that were under way when the response was cancelled are no fault of the server.
    if (request === 'cancelled') this.#options.ignored.add('an event after a cancel');
    else if (request === undefined) this.#ignore('an event of an unknown response');
    return request === 'cancelled' ? undefined : request;
  }

  #done({ response, status, words, error }: Extract<FromRealtime, { kind: 'response-done' }>): void {
    // A cancelled response ends so.
    if (this.#requests.of(response) === 'cancelled') return;
    const request = this.#of(response);
    if (request === undefined) return;
    this.#unusable = 0;
    request.over = true;
    request.sentence.done(status, words, error);
  }

  #failed({ request: named, error }: Extract<FromRealtime, { kind: 'error' }>): void {
    const { failures } = this.#options;
    const isOfSession = named === undefined || named === SESSION_UPDATE_ID;
    if (this.#state === 'opening' && isOfSession) return this.close(failures.said(error));
    if (error.code === 'session_expired') return this.retire();
    if (error.code === NOT_ACTIVE) return undefined;
    const request = this.#requests.refused(named);
    if (request === undefined) return this.#ignore('an error of no request');
    return request.sentence.fail(failures.said(error));
  }

  /** The sentence is complete, failed or cancelled; a response in progress is cancelled. */
  #sentenceEnded(label: string, late: boolean): void {
    const response = this.#requests.end(label);
    if (response !== undefined) this.#socket.send(cancelResponse(response));
    // A server that stalls once is not asked again in this session.
    if (late) this.#retired = true;
    if (this.#requests.size > 0) return;
    if (this.#retired) this.retire();
    else if (this.#state === 'ready') this.#idle();
  }

  #idle(): void {
    this.#socket.keepProcess(false);
    this.#cancelIdle();
    this.#cancelIdle = this.#options.timing.timer(IDLE_MS, () => this.retire());
  }

  #ignore(reason: string): void {
    this.#options.ignored.add(reason);
    this.#unusable += 1;
    if (this.#unusable > MAX_UNUSABLE) this.close(this.#options.failures.of('its messages cannot be used'));
  }

  #closed(error: ServiceError): void {
    if (this.#state === 'closed') return;
    const lost = this.#state === 'ready' ? this.#options.failures.lost(error) : error;
    this.#state = 'closed';
    this.#cancelTimer();
    this.#cancelIdle();
    this.#options.listener.closed();
    for (const { sentence } of this.#requests.all) sentence.fail(sentence.begun ? error : lost);
  }
}
