import { decodeMulaw } from '../../../audio/mulaw.ts';
import { SAMPLES_PER_MS, TELEPHONE_HZ } from '../../../audio/telephone.ts';
import type { LineListener, VoicedTime } from '../../../call/line-listener.ts';
import type {
  ConversationEntry,
  SpeechStream,
  SpeechToSpeechSession,
  SpokenReplyPart,
  TextRequest,
} from '../../../call/ports.ts';
import { withoutHallucinations } from '../../transcription/hallucination-filter.ts';
import { measureSpeech } from '../../transcription/measure-speech.ts';
import type { RequestedText } from '../requested-text.ts';
import type { ConversationSession } from './conversation-session.ts';

/** Audio of one message. */
const MESSAGE_SAMPLES = 100 * SAMPLES_PER_MS;

/** One call's conversation with a Realtime model. A session that grows old is replaced between two utterances. */
export class RealtimeCall implements SpeechToSpeechSession, SpeechStream {
  readonly #open: () => ConversationSession;
  #session: ConversationSession;
  /** Samples of the utterance in progress that the session has. */
  #sent = 0;
  #inUtterance = false;
  #failed = false;
  /** The last response was empty or incomplete. */
  #replyFailed = false;

  constructor(open: () => ConversationSession) {
    this.#open = open;
    this.#session = open();
    this.#session.begin();
  }

  get available(): boolean {
    return !this.#failed;
  }

  get speech(): SpeechStream {
    return this;
  }

  get line(): LineListener | undefined {
    if (!this.available || !this.#session.turns) return undefined;
    return {
      hear: (fromMs, mulaw) => {
        if (!this.#inUtterance) this.#renew();
        this.#session.turns?.hear(fromMs, mulaw);
      },
      turnOf: (voiced) => this.#session.turns?.turnOf(voiced) ?? 'unheard',
    };
  }

  get partialText(): string | undefined {
    return this.#session.turns?.partialText;
  }

  hear(speech: Uint8Array): void {
    if (!this.available) return;
    if (!this.#inUtterance) this.#renew();
    this.#inUtterance = true;
    const { turns } = this.#session;
    if (turns) return turns.begins(speech.length / SAMPLES_PER_MS);
    const whole = speech.length - (speech.length % MESSAGE_SAMPLES);
    if (whole <= this.#sent) return;
    this.#session.caller.append(speech.subarray(this.#sent, whole));
    this.#sent = whole;
  }

  paused(speech: Uint8Array, voiced: VoicedTime): TextRequest | undefined {
    // What a session that has ended does not say is requested elsewhere; the reply reports the failure.
    if (!this.available || this.#session.endedWith) return undefined;
    const heard = measureSpeech({ pcm: decodeMulaw(speech), sampleRateHz: TELEPHONE_HZ });
    if (heard.soundMs === 0) {
      this.discard();
      return () => Promise.resolve('');
    }
    this.#inUtterance = true;
    const request = this.#heard(speech, voiced);
    return request && ((signal) => request(signal).then((words) => withoutHallucinations(words, heard)));
  }

  continued(): void {
    if (!this.#session.turns) this.#session.caller.goOn();
  }

  finished(turn: number): void {
    this.#inUtterance = false;
    const { turns } = this.#session;
    if (turns) turns.finished(turn);
    else this.#session.caller.finished(turn);
  }

  discard(): void {
    this.#inUtterance = false;
    this.#session.turns?.discard();
    if (this.#sent > 0) this.#session.caller.clear();
    this.#sent = 0;
  }

  end(): void {
    this.discard();
    this.#session.retire();
  }

  async *reply(
    request: number,
    entries: readonly ConversationEntry[],
    signal: AbortSignal,
  ): AsyncGenerator<SpokenReplyPart, void, undefined> {
    try {
      const { endedWith } = this.#session;
      if (endedWith) throw endedWith;
      yield* this.#session.reply(request, entries, signal);
      if (!signal.aborted) this.#replyFailed = false;
    } catch (error) {
      if (signal.aborted) return;
      // One such response is replaced; after two in a row the model is not asked any more.
      this.#failed = this.#replyFailed || !this.#session.lastReplyHasEnded;
      this.#replyFailed = true;
      if (this.#failed) this.#session.retire();
      throw error;
    }
  }

  /** The utterance up to a pause: the server has heard it on the line, or gets the rest of it now. */
  #heard(speech: Uint8Array, voiced: VoicedTime): TextRequest | undefined {
    const { turns } = this.#session;
    if (turns) return turns.paused(speech, voiced);
    this.#session.caller.append(speech.subarray(this.#sent));
    this.#sent = 0;
    const text = this.#session.commit();
    return text && ((signal) => textOf(text, signal));
  }

  /** A session ends after an hour. The next one learns the conversation before its first reply. */
  #renew(): void {
    if (this.#session.isFresh || this.#session.endedWith) return;
    this.#session.retire();
    this.#session = this.#open();
    this.#session.begin();
  }
}

async function textOf(text: RequestedText, signal: AbortSignal): Promise<string> {
  const cancel = (): void => text.complete('');
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await text.text;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
