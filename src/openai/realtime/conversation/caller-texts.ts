import type { RealtimeFailures } from '../realtime-failure.ts';
import { RequestedText, type TextTiming } from '../requested-text.ts';
import type { ServiceError } from '../../../call/ports.ts';

/** After so many failures in a row the session is not asked for texts any more. */
const MAX_FAILED_TEXTS = 2;

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

  /** A text that is still to come; undefined: the session gives none. */
  request(): RequestedText | undefined {
    if (!this.#available) return undefined;
    const text = new RequestedText(this.#timing, () =>
      this.fail(text, this.failures.late('no text in time')),
    );
    // If the caller goes on, the text is not awaited: its failure must not be an unhandled rejection.
    text.text.catch(() => undefined);
    return text;
  }

  complete(text: RequestedText | undefined, words: string): void {
    this.#failed = 0;
    text?.complete(words);
  }

  fail(text: RequestedText | undefined, error: ServiceError): void {
    if (!text?.isPending) return;
    this.#failed += 1;
    if (this.#failed >= MAX_FAILED_TEXTS) this.#available = false;
    text.fail(error);
  }
}
