import type { RealtimeError } from '../event-fields.ts';
import type { MoreWords, ResponseStream } from '../response-stream.ts';
import type { MemoryItem } from './conversation-memory.ts';

/** A response of a conversation, from our request until the server has ended it. */
export class CurrentResponse {
  /** What its request was named. */
  readonly label: string;
  readonly stream: ResponseStream<MoreWords>;
  /** Its item of the server's conversation. */
  readonly item: MemoryItem = { id: undefined };
  /** The server's id, once it is known. */
  id: string | undefined;
  /** The request was sent. */
  isRequested = false;
  #hasWords = false;
  #isCancelled = false;
  /** Undefined once the server has ended it. */
  #settle: (() => void) | undefined;
  /** Resolves when the server has ended it, or it was never requested. */
  readonly over = new Promise<void>((resolve) => (this.#settle = resolve));

  constructor(label: string, stream: ResponseStream<MoreWords>) {
    this.label = label;
    this.stream = stream;
  }

  get isOver(): boolean {
    return this.#settle === undefined;
  }

  /** True once nothing more is read of it. */
  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  audio(mulaw: Uint8Array | undefined): void {
    this.stream.addAudio(mulaw);
    this.item.receivedMs = this.stream.audioMs;
  }

  moreWords(words: string): void {
    this.#hasWords = true;
    this.stream.addMoreWords({ words });
  }

  /** The complete words of one part, which only some servers do not send in pieces before. */
  words(part: string, words: string): void {
    if (!this.#hasWords) this.moreWords(words);
    this.stream.addWords(part, words);
  }

  done(status: string | undefined, words: string | undefined, error: RealtimeError): void {
    this.#end();
    if (!this.#hasWords && words !== undefined) this.moreWords(words);
    this.stream.done(status, words, error);
  }

  /** Nothing more is read of it. */
  cancel(): void {
    this.#isCancelled = true;
    if (!this.isRequested) this.#end();
    this.stream.cancel();
  }

  /** The connection has ended, or the server refused the request. */
  fail(error: Error): void {
    this.#end();
    this.stream.fail(error);
  }

  #end(): void {
    this.#settle?.();
    this.#settle = undefined;
  }
}
