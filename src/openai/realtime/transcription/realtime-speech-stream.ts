import { decodeMulaw } from '../../../audio/mulaw.ts';
import { SAMPLES_PER_MS, TELEPHONE_HZ } from '../../../audio/telephone.ts';
import type { ServiceError, SpeechStream, TextRequest } from '../../../call/ports.ts';
import { withoutHallucinations } from '../../transcription/hallucination-filter.ts';
import { measureSpeech } from '../../transcription/measure-speech.ts';
import type { TranscriptionSession } from './transcription-session.ts';

/** Audio of one message. One message for each frame of 20 ms would be five times as many. */
const MESSAGE_SAMPLES = 100 * SAMPLES_PER_MS;

/** Where a stream gets its sessions. */
export interface SessionSource {
  /** False: the server has just failed repeatedly. */
  readonly available: boolean;
  /** A session for this stream alone; undefined: too many are open. */
  open(): TranscriptionSession | undefined;
  succeeded(): void;
  failed(): void;
  /** The failure of an utterance for which there was no session. */
  busy(): ServiceError;
}

/** The speech of one caller on its way to a Realtime server. A connection that is lost between two utterances is replaced. */
export class RealtimeSpeechStream implements SpeechStream {
  readonly #source: SessionSource;
  #session: TranscriptionSession | undefined;
  /** Samples of the utterance in progress that the session has. */
  #sent = 0;
  /** Why the utterance in progress cannot be transcribed here. */
  #failure: ServiceError | undefined;

  constructor(source: SessionSource) {
    this.#source = source;
    if (source.available) this.#session = source.open();
  }

  /** False: the service has failed repeatedly, and is not asked for a while. */
  get available(): boolean {
    return this.#sent > 0 || this.#failure !== undefined || this.#source.available;
  }

  get partialText(): string | undefined {
    return this.#session?.partialText;
  }

  hear(speech: Uint8Array): void {
    if (!this.available) return;
    const session = this.#usableSession();
    const whole = speech.length - (speech.length % MESSAGE_SAMPLES);
    if (session === undefined || whole <= this.#sent) return;
    session.append(speech.subarray(this.#sent, whole));
    this.#sent = whole;
  }

  paused(speech: Uint8Array): TextRequest | undefined {
    if (this.available) return (signal) => this.transcribe(speech, signal);
    this.discard();
    return undefined;
  }

  /** The next audio begins a new item of the session in any case. */
  continued(): void {}

  finished(): void {}

  /** Requests the text of an utterance, which begins with what was heard of it. Rejects with a `ServiceError`. */
  async transcribe(speech: Uint8Array, signal: AbortSignal): Promise<string> {
    const session = this.#usableSession();
    const failure = this.#failure;
    const from = this.#sent;
    this.#nextUtterance();
    try {
      if (failure) throw failure;
      if (session === undefined) throw this.#source.busy();
      const text = await requestText(session, speech, from, signal);
      if (!signal.aborted) this.#source.succeeded();
      return text;
    } catch (error) {
      if (!signal.aborted) this.#source.failed();
      throw error;
    }
  }

  discard(): void {
    if (this.#failure === undefined) this.#session?.clear();
    this.#nextUtterance();
  }

  end(): void {
    this.discard();
    this.#session?.retire();
    this.#session = undefined;
  }

  #nextUtterance(): void {
    this.#sent = 0;
    this.#failure = undefined;
  }

  /** Undefined: the utterance in progress has failed, or no session may be opened. */
  #usableSession(): TranscriptionSession | undefined {
    if (this.#failure) return undefined;
    const endedWith = this.#session?.endedWith;
    if (endedWith && this.#sent > 0) {
      this.#failure = endedWith;
      return undefined;
    }
    if (this.#sent > 0 || this.#session?.usable) return this.#session;
    this.#session?.retire();
    this.#session = this.#source.open();
    return this.#session;
  }
}

/**
 * Completes an utterance of which the session has the first `from` samples. As with whole utterances, no text is requested of silence,
 * and invented text is removed.
 */
export async function requestText(
  session: TranscriptionSession,
  speech: Uint8Array,
  from: number,
  signal: AbortSignal,
): Promise<string> {
  const heard = measureSpeech({ pcm: decodeMulaw(speech), sampleRateHz: TELEPHONE_HZ });
  if (heard.soundMs === 0) {
    session.clear();
    return '';
  }
  session.append(speech.subarray(from));
  const requested = session.commit();
  const cancel = (): void => session.cancel(requested);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return withoutHallucinations(await requested.text, heard);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
