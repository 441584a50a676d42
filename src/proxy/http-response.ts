import type { Dispatcher } from 'undici';

/** The fields of a response's head, of which one can be looked up. `Headers` is one. */
export interface HeaderFields {
  /** Null if there is none; values of several fields of one name are joined by commas. */
  get(name: string): string | null;
}

/** A response whose body is read piece by piece. Node's own `Response` is one. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: HeaderFields;
  /** Can be read once. Leaving the loop before its end closes the connection. */
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** The connection is told to pause while more than this is unread. */
const MAX_UNREAD_BYTES = 64 * 1024;

type Result = IteratorResult<Uint8Array, undefined>;
const END: Result = { done: true, value: undefined };

/** The bytes of a response as they arrive. Not a stream of Node or of the web, for its cost. */
export class ResponseBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #controller: Dispatcher.DispatchController;
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #end: 'complete' | { readonly error: Error } | undefined;
  #reader: { resolve: (result: Result) => void; reject: (error: Error) => void } | undefined;

  constructor(controller: Dispatcher.DispatchController) {
    this.#controller = controller;
  }

  /** Bytes arrived. */
  push(bytes: Uint8Array): void {
    const reader = this.#reader;
    if (reader) {
      this.#reader = undefined;
      reader.resolve({ done: false, value: bytes });
      return;
    }
    this.#unread.push(bytes);
    this.#unreadBytes += bytes.length;
    if (this.#unreadBytes > MAX_UNREAD_BYTES) this.#controller.pause();
  }

  /** Nothing more arrives. `error`: the connection broke, or the request was aborted. */
  finish(error?: Error): void {
    if (this.#end) return;
    this.#end = error ? { error } : 'complete';
    const reader = this.#reader;
    this.#reader = undefined;
    if (error) reader?.reject(error);
    else reader?.resolve(END);
  }

  next(): Promise<Result> {
    const bytes = this.#unread.shift();
    if (bytes) {
      this.#unreadBytes -= bytes.length;
      if (this.#controller.paused && this.#unread.length === 0) this.#controller.resume();
      return Promise.resolve({ done: false, value: bytes });
    }
    const end = this.#end;
    if (end === 'complete') return Promise.resolve(END);
    if (end) return Promise.reject(end.error);
    return new Promise((resolve, reject) => (this.#reader = { resolve, reject }));
  }

  /** The reader leaves. */
  return(): Promise<Result> {
    this.#unread = [];
    if (!this.#end) this.#controller.abort(new Error('the response is not read to its end'));
    return Promise.resolve(END);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
