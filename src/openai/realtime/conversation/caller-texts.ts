import type { ServiceError } from '../../../call/ports.ts';
import type { RealtimeFailures } from '../realtime-failure.ts';
import type { UtteranceEvent } from '../transcription/transcription-events.ts';
import { RequestedText, type TextTiming } from '../requested-text.ts';

/** After so many failures in a row the session is not asked for texts any more. */
const MAX_FAILED_TEXTS = 2;
/** More than is said in half a minute. */
const MAX_CHARACTERS = 2_000;

export type TextEvent = Extract<UtteranceEvent, { kind: 'partial' | 'text' | 'failed' }>;

/** What has a text. */
interface Transcribed {
  /** So far. */
  words: string;
  readonly text: RequestedText | undefined;
}

/** The texts of what the caller said, as long as the session gives them. */
export class CallerTexts {
  readonly failures: RealtimeFailures;
  readonly #timing: TextTiming;
  #available: boolean;
  #failed = 0;

  constructor(failures: RealtimeFailures, timing: TextTiming, available: boolean) {
    this.failures = failures;
    this.#timing = timing;
    this.#available = available;
  }

  /** Whether the session is asked for texts. */
  get available(): boolean {
    return this.#available;
  }

  /** The server does not transcribe. Returns false if that was known. */
  refused(): boolean {
    const was = this.#available;
    this.#available = false;
    return was;
  }

  /** A text that is still to come; undefined: the session gives none. `isSpeech`: false of a noise, whose text may be missing. */
  request(isSpeech = (): boolean => true): RequestedText | undefined {
    if (!this.#available) return undefined;
    const text = new RequestedText(this.#timing, () =>
      this.fail(text, this.failures.late('no text in time'), isSpeech()),
    );
    // If the caller goes on, the text is not awaited: its failure must not be an unhandled rejection.
    text.text.catch(() => undefined);
    return text;
  }

  /** `isSpeech`: as in `request`. */
  take(event: TextEvent, item: Transcribed, isSpeech: boolean): void {
    if (event.kind === 'failed') return this.fail(item.text, this.failures.said(event.error), isSpeech);
    if (event.kind === 'text') {
      item.words = event.text.slice(0, MAX_CHARACTERS);
      return this.complete(item.text, event.text);
    }
    item.words = `${item.words}${event.delta}`.slice(0, MAX_CHARACTERS);
    return item.text?.progress();
  }

  complete(text: RequestedText | undefined, words: string): void {
    this.#failed = 0;
    text?.complete(words);
  }

  fail(text: RequestedText | undefined, error: ServiceError, isSpeech = true): void {
    if (!text?.isPending) return;
    if (isSpeech) this.#failed += 1;
    if (this.#failed >= MAX_FAILED_TEXTS) this.#available = false;
    text.fail(error);
  }
}
