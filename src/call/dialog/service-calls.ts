import type { FailureRecord, ServiceResponse } from '../../events/call-events.ts';
import {
  type ConversationTurn,
  RETRACT,
  ServiceError,
  type Services,
  type SpokenReplyPart,
  type TextRequest,
  type Utterance,
} from '../ports.ts';
import { failureRecord } from '../failure-record.ts';
import { CANCELLED, InaudibleReply, lateError, UnspeakableReply } from './service-call-failures.ts';

export interface ReplyHandlers {
  readonly text: (piece: string) => void;
  /** All text so far is not part of the reply. */
  readonly retracted: () => void;
  /** The response is complete. Returns false if it has nothing that can be spoken: then it is a failure, and `failed` follows. */
  readonly done: () => boolean;
  readonly failed: (error: unknown) => void;
}

export interface SpeechHandlers {
  /** A returned promise pauses the speech stream until there is room. */
  readonly audio: (mulaw: Uint8Array) => void | Promise<void>;
  /** The voice spoke other words than the text. Called before `done`. */
  readonly reworded: (spoken: string) => void;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Receives a reply that a speech-to-speech model speaks. */
export interface SpokenReplyHandlers {
  /** A returned promise pauses the response until there is room. */
  readonly audio: (mulaw: Uint8Array) => void | Promise<void>;
  readonly words: (more: string) => void;
  /** The response is complete. Returns false if nothing of it can be heard: then it is a failure, and `failed` follows. */
  readonly done: () => boolean;
  readonly failed: (error: unknown) => void;
}

/** A spoken reply that was requested. */
export interface SpokenReplyRequest {
  /** Its number in the call. */
  readonly request: number;
  readonly cancel: CancelRequest;
}

/** Cancels a request. `late`: the caller waited for it in vain, so the service has failed. No callback is called afterwards. */
export type CancelRequest = (reason?: 'late') => void;

interface RequestedService {
  readonly service: Exclude<ServiceResponse['service'], 'summary'>;
  /** What was asked, for the journal. */
  readonly request: string;
  readonly server: string | undefined;
}

type ResponsePiece = Omit<ServiceResponse['pieces'][number], 'afterMs'>;

/** Sends a call's requests to the services and records their responses with times, so that the call can be replayed. */
export class ServiceCalls {
  readonly services: Services;
  readonly #now: () => number;
  readonly #record: (answer: ServiceResponse) => void;
  #asked = 0;

  /** `now`: the call's clock, epoch milliseconds. */
  constructor(services: Services, now: () => number, record: (answer: ServiceResponse) => void) {
    this.services = services;
    this.#now = now;
    this.#record = record;
  }

  now(): number {
    return this.#now();
  }

  /**
   * `request`: names the utterance in the record. `streamed`: requests the text of the same utterance by its stream; if that fails,
   * the utterance itself is sent. There must be a stream or a transcriber.
   */
  transcribe(
    utterance: Utterance,
    request: string,
    done: (result: string | Error) => void,
    streamed?: TextRequest,
  ): CancelRequest {
    const { transcriber, streamingTranscriber, speechToSpeech } = this.services;
    const whole = (): CancelRequest => {
      if (!transcriber) throw new Error('no transcriber is configured');
      const target = { service: 'transcription', request, server: transcriber.server } as const;
      return this.#text(target, (signal) => transcriber.transcribe(utterance, signal), done);
    };
    if (!streamed) return whole();
    const { server } = streamingTranscriber ?? speechToSpeech ?? {};
    let cancel = this.#text({ service: 'streaming-transcription', request, server }, streamed, (result) => {
      if (result instanceof ServiceError && transcriber) cancel = whole();
      else done(result);
    });
    return (reason) => cancel(reason);
  }

  /** Asks whether a caller who pauses after this speech has finished. Undefined: no model can be asked. */
  judgeEndOfTurn(
    speech: Uint8Array,
    request: string,
    done: (probability: number) => void,
  ): CancelRequest | undefined {
    const { endOfTurnModel: model } = this.services;
    if (!model?.isAvailable) return undefined;
    const judge: TextRequest = async (signal) => String(await model.probability(speech, signal));
    return this.#text({ service: 'end-of-turn', request, server: model.server }, judge, (result) => {
      if (typeof result === 'string') done(Number(result));
    });
  }

  reply(conversation: readonly ConversationTurn[], handlers: ReplyHandlers): CancelRequest {
    const { replier } = this.services;
    if (!replier) throw new Error('no chat model is configured');
    const request = conversation.at(-1)?.text ?? '';
    return this.#run(
      { service: 'chat', request, server: replier.server },
      async (signal, note) => {
        for await (const text of replier.reply(conversation, signal)) {
          if (signal.aborted) return;
          if (text === RETRACT) {
            note({ retracted: true });
            handlers.retracted();
          } else {
            note({ text });
            handlers.text(text);
          }
        }
        if (!signal.aborted && !handlers.done()) throw new UnspeakableReply();
      },
      handlers.failed,
    );
  }

  speak(text: string, handlers: SpeechHandlers): CancelRequest {
    const { voice } = this.services;
    if (!voice) throw new Error('no speech service is configured');
    return this.#run(
      { service: 'speech', request: text, server: voice.server },
      async (signal, note) => {
        for await (const part of voice.speak(text, signal)) {
          if (signal.aborted) return;
          if (!(part instanceof Uint8Array)) {
            note({ text: part.spoken });
            handlers.reworded(part.spoken);
            continue;
          }
          note({ samples: part.length });
          await handlers.audio(part);
          if (signal.aborted) return;
        }
        if (!signal.aborted) handlers.done();
      },
      handlers.failed,
    );
  }

  /** `asked`: the last words of the conversation, for the journal. `start` gets the number of the request. */
  spokenReply(
    asked: string,
    start: (request: number, signal: AbortSignal) => AsyncIterable<SpokenReplyPart>,
    handlers: SpokenReplyHandlers,
  ): SpokenReplyRequest {
    const { server } = this.services.speechToSpeech ?? {};
    const request = this.#asked + 1;
    const cancel = this.#run(
      { service: 'speech-to-speech', request: asked, server },
      async (signal, note) => {
        for await (const part of start(request, signal)) {
          if (signal.aborted) return;
          if (!(part instanceof Uint8Array)) {
            note({ text: part.words });
            handlers.words(part.words);
            continue;
          }
          note({ samples: part.length });
          await handlers.audio(part);
          if (signal.aborted) return;
        }
        if (!signal.aborted && !handlers.done()) throw new InaudibleReply();
      },
      handlers.failed,
    );
    return { request, cancel };
  }

  #text(
    target: RequestedService,
    request: TextRequest,
    done: (result: string | Error) => void,
  ): CancelRequest {
    return this.#run(
      target,
      async (signal, note) => {
        const text = await request(signal);
        if (signal.aborted) return;
        note({ text });
        done(text);
      },
      (error) => done(error),
    );
  }

  #run(
    { service, request, server }: RequestedService,
    work: (signal: AbortSignal, note: (piece: ResponsePiece) => void) => Promise<void>,
    failed: (error: Error) => void,
  ): CancelRequest {
    const abort = new AbortController();
    const askedAtMs = this.#now();
    const id = (this.#asked += 1);
    const pieces: (ResponsePiece & { readonly afterMs: number })[] = [];
    let isAnswered = false;
    const answer = (error?: string, failure?: FailureRecord): void => {
      if (isAnswered) return;
      isAnswered = true;
      this.#record({ service, id, askedAtMs, request, pieces, error, failure });
    };
    const failedWith = (error: Error): void => {
      const failure = failureRecord(service, error);
      answer(
        error.message,
        failure.kind === 'service' ? { ...failure, server: failure.server ?? server } : failure,
      );
    };
    void work(abort.signal, (piece) => pieces.push({ afterMs: this.#now() - askedAtMs, ...piece })).then(
      () => answer(abort.signal.aborted ? 'cancelled' : undefined),
      (reason: unknown) => {
        const error = reason instanceof Error ? reason : new Error(String(reason));
        if (abort.signal.aborted) {
          answer('cancelled');
          return;
        }
        failedWith(error);
        failed(error);
      },
    );
    return (reason) => {
      // Recorded at once: a request that hangs may never end.
      if (reason === 'late') failedWith(lateError(service, this.#now() - askedAtMs));
      abort.abort(CANCELLED);
    };
  }
}
