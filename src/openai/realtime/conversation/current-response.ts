import { SAMPLES_PER_MS } from '../../../audio/telephone.ts';
import type { RealtimeError } from '../event-fields.ts';
import { PcmDecoder } from '../pcm-decoder.ts';
import type { MoreWords, ResponseStream } from '../response-stream.ts';
import type { MemoryItem } from './conversation-memory.ts';

/** A response of a conversation, from our request until the server has ended it. */
export class CurrentResponse {
  /** What its request was named. */
  readonly label: string;
  readonly stream: ResponseStream<MoreWords>;
  /** What the server's conversation has of it. */
  readonly item: MemoryItem = { parts: [] };
  /** The server's id, once it is known. */
  id: string | undefined;
  /** The request was sent. */
  isRequested = false;
  /** The part of the last words. */
  #wordsOf: string | undefined;
  #decoder: PcmDecoder | undefined;
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

  /** `bytes`: undefined if the audio cannot be read. `part`: the server's id of its item; undefined: it does not say. */
  audio(bytes: Uint8Array | undefined, format: 'mulaw' | 'pcm', part: string | undefined): void {
    if (format === 'pcm') this.#decoder ??= new PcmDecoder();
    const mulaw = bytes && (this.#decoder?.decode(bytes) ?? bytes);
    const { parts } = this.item;
    const own = parts.find(({ id }) => id === part) ?? parts.at(-1);
    if (own) own.receivedMs += (mulaw?.length ?? 0) / SAMPLES_PER_MS;
    this.stream.addAudio(mulaw);
  }

  /** `part`: names a part of the response. */
  moreWords(part: string, words: string): void {
    const isNext = this.#wordsOf !== undefined && this.#wordsOf !== part;
    this.#wordsOf = part;
    this.stream.addMoreWords({ words: isNext ? ` ${words}` : words });
  }

  /** The complete words of one part, which only some servers do not send in pieces before. */
  words(part: string, words: string): void {
    if (this.#wordsOf === undefined) this.moreWords(part, words);
    this.stream.addWords(part, words);
  }

  done(status: string | undefined, words: string | undefined, error: RealtimeError): void {
    if (this.#wordsOf === undefined && words !== undefined) this.moreWords('', words);
    const rest = this.#decoder?.end();
    if (rest && !this.#isCancelled) this.stream.addAudio(rest);
    this.#decoder = undefined;
    this.#end();
    this.stream.done(status, words, error);
  }

  /** Nothing more is read of it. */
  cancel(): void {
    this.#isCancelled = true;
    this.item.isIncomplete ||= !this.isOver;
    if (!this.isRequested) this.#end();
    this.stream.cancel();
  }

  /** The connection has ended, or the server refused the request. */
  fail(error: Error): void {
    this.#end();
    this.stream.fail(error);
  }

  #end(): void {
    this.#decoder?.close();
    this.#decoder = undefined;
    this.#settle?.();
    this.#settle = undefined;
  }
}
