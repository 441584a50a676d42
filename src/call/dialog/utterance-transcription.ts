import { decodeMulaw } from '../../audio/mulaw.ts';
import { SAMPLES_PER_MS, TELEPHONE_HZ } from '../../audio/telephone.ts';
import { writeWav } from '../../audio/wav/wav.ts';
import type { CallEventLog, OperatorUtterance } from '../../events/call-events.ts';
import type { HeardTurn, VoicedTime } from '../line-listener.ts';
import type { TextRequest, Utterance } from '../ports.ts';
import type { Conversation } from './conversation.ts';
import type { CancelRequest, ServiceCalls } from './service-calls.ts';
import type { SpeechForwarder } from './speech-forwarder.ts';

/** Transcriptions in progress per call; further utterances are transcribed when the call is finalised. */
const MAX_PENDING_TEXTS = 12;

/** One utterance: its place in call milliseconds and its audio, μ-law at 8,000 Hz. */
export interface SpokenTurn {
  readonly startMs: number;
  readonly endMs: number;
  readonly mulaw: Uint8Array;
  /** Its position in an operator's piece; absent for the caller's utterances. */
  readonly operator?: OperatorUtterance;
}

/** A transcription that was requested before the turn was over, with the words of the whole turn. */
export interface EarlyRequest {
  readonly cancel: CancelRequest;
  /** Calls back with the result, at once if it has arrived. */
  adopt(done: (result: string | Error) => void): void;
}

/** The text of a turn is to be requested: adopted from an early request, by the stream, or with the utterance. */
interface TurnRequest {
  readonly turn: number;
  readonly utterance: Utterance;
  readonly early: EarlyRequest | undefined;
  readonly streamed: TextRequest | undefined;
}

/** Receives the results of transcriptions. */
export interface TranscriptionListener {
  /** The utterance has no text: none was requested, or the request failed. */
  untranscribed(turn: number, utterance: Utterance): void;
  textArrived(turn: number, result: string | Error, atMs: number): void;
}

export interface UtteranceTranscriptionOptions {
  /** The number of turns of the call in earlier processes. */
  readonly turns: number;
  readonly conversation: Conversation;
  /** Undefined if no service hears the caller. */
  readonly serviceCalls: ServiceCalls | undefined;
  /** The caller's speech on its way to a streaming transcriber. */
  readonly speech: SpeechForwarder;
  readonly journal: CallEventLog;
  readonly listener: TranscriptionListener;
  readonly now: () => number;
}

/** Numbers the utterances of caller and operator, writes them to the journal and has them transcribed. */
export class UtteranceTranscription {
  readonly #options: UtteranceTranscriptionOptions;
  readonly #requests = new Map<number, { readonly cancel: CancelRequest; readonly utterance: Utterance }>();
  #turns: number;
  /** Called when no text is pending. */
  #onSettled: (() => void)[] = [];

  constructor(options: UtteranceTranscriptionOptions) {
    this.#options = options;
    this.#turns = options.turns;
  }

  /** Resolves when no text is pending. */
  allTextsArrived(): Promise<void> {
    return new Promise((resolve) => {
      this.#onSettled.push(resolve);
      this.#notifyIfSettled();
    });
  }

  /** A frame of the caller, with silence too. `fromMs`: in call milliseconds. */
  frame(fromMs: number, mulaw: Uint8Array): void {
    this.#options.speech.frame(fromMs, mulaw);
  }

  /** As `SpeechForwarder.turnOf`. */
  turnOf(voiced: VoicedTime): HeardTurn | undefined {
    return this.#options.speech.turnOf(voiced);
  }

  /** Whether `hear` has to be told of the utterance in progress. */
  get areStreamed(): boolean {
    return this.#options.speech.isHeard;
  }

  /** The caller's utterance in progress from its beginning on. */
  hear(mulaw: Uint8Array): void {
    this.#options.speech.hear(mulaw);
  }

  /** The text of the utterance in progress so far; undefined if nothing of it is known. */
  get partialText(): string | undefined {
    return this.#options.speech.partialText;
  }

  /** The caller goes on after a pause. */
  continued(): void {
    this.#options.speech.continued();
  }

  /** The call has ended: no utterance follows. */
  end(): void {
    this.#options.speech.end();
  }

  /** Requests the text of words whose turn is not over. Undefined if none is to be requested now. */
  requestEarly(
    { startMs, endMs, mulaw }: SpokenTurn,
    done: (result: string | Error) => void,
  ): CancelRequest | undefined {
    const { serviceCalls, speech } = this.#options;
    if (!serviceCalls || this.#requests.size >= MAX_PENDING_TEXTS) return undefined;
    const request = `turn ${this.#turns + 1}, ${Math.round(endMs - startMs)} ms`;
    const streamed = speech.paused({ startMs, endMs, mulaw });
    if (!streamed && !serviceCalls.services.transcriber) return undefined;
    const settled = (result: string | Error): void => {
      if (typeof result === 'string') speech.textSoFar(result);
      done(result);
    };
    return serviceCalls.transcribe(new TelephoneUtterance(mulaw), request, settled, streamed);
  }

  /** Asks a model whether the caller has finished after this speech. Undefined if none can be asked. */
  judgeEndOfTurn(speech: Uint8Array, done: (probability: number) => void): CancelRequest | undefined {
    const request = `turn ${this.#turns + 1}, ${Math.round(speech.length / SAMPLES_PER_MS)} ms`;
    return this.#options.serviceCalls?.judgeEndOfTurn(speech, request, done);
  }

  /** Returns the turn's number, and `request`, which starts the transcription or adopts the early one; undefined if none is to be started now. */
  add(
    spoken: SpokenTurn,
    atMs: number,
    early?: EarlyRequest,
  ): { readonly turn: number; readonly request: (() => void) | undefined } {
    const turn = (this.#turns += 1);
    const { serviceCalls, conversation, journal, listener, speech } = this.#options;
    const { startMs, endMs, mulaw, operator } = spoken;
    const asked =
      serviceCalls !== undefined && (early !== undefined || this.#requests.size < MAX_PENDING_TEXTS);
    const event = { kind: 'utterance', atMs, turn, startMs, endMs, asked } as const;
    journal.append(operator ? { ...event, operator } : event);
    conversation.utterance(turn, atMs, operator ? 'operator' : 'caller', startMs);
    const utterance = new TelephoneUtterance(mulaw);
    const isStreamed = asked && early === undefined && operator === undefined;
    const streamed = isStreamed ? speech.finished(spoken, turn) : undefined;
    if (!isStreamed && operator === undefined) speech.over(turn);
    if (!asked) {
      listener.untranscribed(turn, utterance);
      return { turn, request: undefined };
    }
    if (!early && !streamed && !serviceCalls.services.transcriber) {
      const session = speech.isHeard ? 'the session gave no text, and ' : '';
      const noText = new Error(`${session}no transcription service is configured`);
      return { turn, request: () => this.#textArrived(turn, utterance, noText) };
    }
    const request = { turn, utterance, early, streamed };
    return { turn, request: () => this.#request(serviceCalls, request) };
  }

  /** The caller waited for this text in vain: the request ends as a failure. The text is requested again after the call. */
  giveUp(turn: number): void {
    const request = this.#requests.get(turn);
    request?.cancel('late');
    if (request) this.#textArrived(turn, request.utterance, new Error('the text did not come in time'));
  }

  /** Cancels all pending transcriptions. */
  cancelAll(): void {
    for (const { cancel } of this.#requests.values()) cancel();
    this.#requests.clear();
    this.#notifyIfSettled();
  }

  #request(serviceCalls: ServiceCalls, { turn, utterance, early, streamed }: TurnRequest): void {
    const done = (result: string | Error): void => this.#textArrived(turn, utterance, result);
    if (early) {
      // Set first: the text may have arrived.
      this.#requests.set(turn, { cancel: early.cancel, utterance });
      early.adopt(done);
    } else {
      const cancel = serviceCalls.transcribe(utterance, `turn ${turn}`, done, streamed);
      this.#requests.set(turn, { cancel, utterance });
    }
  }

  #textArrived(turn: number, utterance: Utterance, result: string | Error): void {
    this.#requests.delete(turn);
    const { journal, conversation, listener, now } = this.#options;
    const atMs = now();
    if (result instanceof Error) {
      journal.append({ kind: 'no-text', atMs, turn, reason: result.message, final: false });
      listener.untranscribed(turn, utterance);
    } else {
      journal.append({ kind: 'text', atMs, turn, text: result });
      conversation.text(turn, result);
    }
    listener.textArrived(turn, result, atMs);
    this.#notifyIfSettled();
  }

  #notifyIfSettled(): void {
    if (this.#requests.size > 0) return;
    const waiting = this.#onSettled;
    this.#onSettled = [];
    for (const resolve of waiting) resolve();
  }
}

/** Its file is made when it is asked for: the text of most turns was requested at their last pause. */
class TelephoneUtterance implements Utterance {
  readonly #mulaw: Uint8Array;
  #wav: Uint8Array | undefined;

  constructor(mulaw: Uint8Array) {
    this.#mulaw = mulaw;
  }

  get wav(): Uint8Array {
    return (this.#wav ??= writeWav(decodeMulaw(this.#mulaw), TELEPHONE_HZ, 1));
  }

  get durationMs(): number {
    return this.#mulaw.length / SAMPLES_PER_MS;
  }
}
