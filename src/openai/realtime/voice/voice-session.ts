import type { ServiceError } from '../../../call/ports.ts';
import type { SpeechSettings } from '../../../settings/settings.ts';
import { MULAW_TYPE, SESSION_UPDATE_ID } from '../event-fields.ts';
import type { IgnoredMessages } from '../ignored-messages.ts';
import { type ConnectionTiming, RealtimeConnection } from '../realtime-connection.ts';
import type { RealtimeFailures } from '../realtime-failure.ts';
import { RequestTable, type SentenceRequest } from './request-table.ts';
import { ResponseStream } from '../response-stream.ts';
import { cancelResponse } from '../response-events.ts';
import { type FromVoice, labelOf, readVoiceEvent, sessionUpdate, speakText } from './voice-messages.ts';

/** The response ended before our message arrived: nothing is wrong. */
const NOT_ACTIVE = 'response_cancel_not_active';

export interface VoiceSessionListener {
  /** The connection is over. Called once. */
  closed(): void;
}

export interface VoiceSessionOptions {
  readonly speech: SpeechSettings;
  readonly failures: RealtimeFailures;
  readonly ignored: IgnoredMessages;
  readonly timing: ConnectionTiming;
  readonly listener: VoiceSessionListener;
}

/** One connection to a Realtime server, in which it speaks several sentences at the same time. Opens at once. */
export class VoiceSession {
  readonly #options: VoiceSessionOptions;
  readonly #connection: RealtimeConnection;
  readonly #requests = new RequestTable();
  #retired = false;
  #numbered = 0;

  constructor(options: VoiceSessionOptions) {
    this.#options = options;
    const { speech, failures, ignored, timing } = options;
    this.#connection = new RealtimeConnection({
      settings: speech,
      search: { model: speech.model },
      configuration: sessionUpdate(speech.voice),
      failures,
      ignored,
      timing,
      listener: {
        message: (text) => this.#take(readVoiceEvent(text)),
        closed: (error, wasReady) => this.#closed(error, wasReady),
      },
    });
  }

  /** The sentences in progress. */
  get inProgress(): number {
    return this.#requests.size;
  }

  /** True if another sentence may begin. */
  get usable(): boolean {
    return this.#connection.isFresh && !this.#retired;
  }

  /** Requests a sentence, as soon as the session is ready. */
  speak(text: string): ResponseStream {
    const label = `s${(this.#numbered += 1)}`;
    const { failures, timing } = this.#options;
    const ended = (late: boolean): void => this.#sentenceEnded(label, late);
    const sentence = new ResponseStream(failures, timing, { ended });
    const request = this.#requests.add(label, text, sentence);
    this.#connection.busy();
    if (this.#isReady) this.#send(request);
    return sentence;
  }

  /** Sentences in progress are finished; then the connection is closed. */
  retire(): void {
    this.#retired = true;
    if (this.#requests.size === 0) this.#connection.finish();
  }

  close(error: ServiceError): void {
    this.#connection.end(error);
  }

  get #isReady(): boolean {
    return this.#connection.state === 'ready';
  }

  #take(event: FromVoice): void {
    switch (event.kind) {
      case 'session-updated':
        return this.#configured(event.outputFormat);
      case 'response-created':
        return this.#created(event.response, labelOf(event.metadata));
      case 'audio':
        return this.#of(event.response)?.sentence.addAudio(event.bytes);
      case 'words':
        return this.#of(event.response)?.sentence.addWords(event.part, event.words);
      case 'more-words':
      case 'response-item':
      case 'progress':
        return this.#of(event.response)?.sentence.progress();
      case 'response-done':
        return this.#done(event);
      case 'error':
        return this.#failed(event);
      case 'unusable':
        return this.#connection.ignore(event.reason);
      case 'unneeded':
        return undefined;
    }
  }

  #configured(outputFormat: string | undefined): void {
    if (this.#connection.state !== 'opening') return;
    if (outputFormat !== MULAW_TYPE) {
      const said = `the server speaks ${outputFormat ?? 'an unstated format'}, not audio/pcmu`;
      return this.close(this.#options.failures.of(said, { transient: false, code: 'wrong_format' }));
    }
    this.#connection.configured();
    for (const request of this.#requests.all) this.#send(request);
    if (this.#requests.size === 0) this.#connection.idle();
  }

  #send(request: SentenceRequest): void {
    request.sent = true;
    this.#connection.send(speakText(request.label, request.text));
  }

  #created(response: string, label: string | undefined): void {
    const request = this.#requests.begin(response, label);
    if (request === 'cancelled') this.#connection.send(cancelResponse(response));
    else if (request === undefined) this.#connection.ignore('a response that was not requested');
    else request.sentence.progress();
  }

  #of(response: string): SentenceRequest | undefined {
    const request = this.#requests.of(response);
    // Events that were under way when the response was cancelled are no fault of the server.
    if (request === 'cancelled') this.#options.ignored.add('an event after a cancel');
    else if (request === undefined) this.#connection.ignore('an event of an unknown response');
    return request === 'cancelled' ? undefined : request;
  }

  #done({ response, status, words, error }: Extract<FromVoice, { kind: 'response-done' }>): void {
    // A cancelled response ends so.
    if (this.#requests.of(response) === 'cancelled') return;
    const request = this.#of(response);
    if (request === undefined) return;
    this.#connection.useful();
    request.over = true;
    request.sentence.done(status, words, error);
  }

  #failed({ request: named, error }: Extract<FromVoice, { kind: 'error' }>): void {
    const { failures } = this.#options;
    const isOfSession = named === undefined || named === SESSION_UPDATE_ID;
    if (this.#connection.state === 'opening' && isOfSession) return this.close(failures.said(error));
    if (error.code === 'session_expired') return this.retire();
    if (error.code === NOT_ACTIVE) return undefined;
    const request = this.#requests.refused(named);
    if (request === undefined) return this.#connection.ignore('an error of no request');
    return request.sentence.fail(failures.said(error));
  }

  /** The sentence is complete, failed or cancelled; a response in progress is cancelled. */
  #sentenceEnded(label: string, late: boolean): void {
    const response = this.#requests.end(label);
    if (response !== undefined) this.#connection.send(cancelResponse(response));
    // A server that stalls once is not asked again in this session.
    if (late) this.#retired = true;
    if (this.#requests.size > 0) return;
    if (this.#retired) this.retire();
    else if (this.#isReady) this.#connection.idle();
  }

  #closed(error: ServiceError, wasReady: boolean): void {
    const lost = wasReady ? this.#options.failures.lost(error) : error;
    this.#options.listener.closed();
    for (const { sentence } of this.#requests.all) sentence.fail(sentence.begun ? error : lost);
  }
}
