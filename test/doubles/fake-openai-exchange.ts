import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fake-openai-faults.ts';

const LARGEST_BODY_BYTES = 30 * 1024 * 1024;

/** One request to a stand-in and its answer, which a fault may spoil. */
export class FakeOpenAiExchange {
  readonly request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #gone = new AbortController();
  #fault: Fault | undefined;
  #pieces = 0;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.#response = response;
    response.on('close', () => {
      this.#gone.abort();
    });
    // A torn connection is an ordinary thing here.
    response.on('error', () => undefined);
  }

  /** Aborted as soon as the other side is gone or has been answered. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Tells when the other side is gone before the answer was complete. */
  onAborted(listener: () => void): void {
    this.#response.on('close', () => {
      if (!this.#response.writableFinished) listener();
    });
  }

  /** The whole body; throws when it is larger than OpenAI would take. */
  async body(): Promise<Uint8Array<ArrayBuffer>> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > LARGEST_BODY_BYTES) throw new RangeError('the body is too large');
      chunks.push(chunk);
    }
    return new Uint8Array(Buffer.concat(chunks));
  }

  /** Meets the fault before the answer begins. False: there will be no ordinary answer. */
  async begin(fault: Fault | undefined): Promise<boolean> {
    this.#fault = fault;
    if (fault?.kind === 'slow') await this.wait(fault.ms);
    if (fault?.kind === 'hang') await this.#untilGone();
    if (fault?.kind === 'refuse') this.request.socket.destroy();
    if (fault?.kind === 'status') {
      const retryAfter = fault.retryAfterS === undefined ? {} : { 'retry-after': String(fault.retryAfterS) };
      this.fail(fault.status, 'The stand-in was told to fail.', retryAfter);
    }
    return !this.#gone.signal.aborted && (fault === undefined || !['status', 'refuse'].includes(fault.kind));
  }

  /** Waits, at most until the other side is gone. */
  async wait(ms: number): Promise<void> {
    if (ms <= 0 || this.gone.aborted) return;
    await pause(ms, undefined, { signal: this.gone }).catch(() => undefined);
  }

  head(contentType: string): void {
    this.#response.writeHead(200, { 'content-type': contentType });
    this.#response.flushHeaders();
  }

  /** Sends a piece of a streamed answer. False: stop, the connection is gone or a fault has struck. */
  async piece(bytes: string | Uint8Array): Promise<boolean> {
    const fault = this.#fault;
    if ((fault?.kind === 'cut' || fault?.kind === 'idle') && this.#pieces >= fault.afterPieces) {
      if (fault.kind === 'cut') this.request.socket.destroy();
      else await this.#untilGone();
      return false;
    }
    if (fault?.kind === 'stall' && this.#pieces === fault.afterPieces) await this.wait(fault.ms);
    this.#pieces++;
    if (!this.gone.aborted) this.#response.write(bytes);
    return !this.gone.aborted;
  }

  end(): void {
    this.#response.end();
  }

  /** A whole JSON answer, sent as two pieces so that it too can be cut. */
  async json(value: unknown): Promise<void> {
    const text = JSON.stringify(value);
    this.head('application/json');
    const half = text.length >> 1;
    if ((await this.piece(text.slice(0, half))) && (await this.piece(text.slice(half)))) this.end();
  }

  /** An error in OpenAI's shape. */
  fail(status: number, message: string, headers: Readonly<Record<string, string>> = {}): void {
    const type = status >= 500 ? 'server_error' : 'invalid_request_error';
    this.answer(status, { error: { message, type, param: null, code: null } }, headers);
  }

  answer(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers });
    this.#response.end(JSON.stringify(value));
  }

  async #untilGone(): Promise<void> {
    if (this.gone.aborted) return;
    await new Promise((resolve) => {
      this.gone.addEventListener('abort', resolve, { once: true });
    });
  }
}
