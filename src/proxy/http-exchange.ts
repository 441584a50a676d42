import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { decompressed } from './decompressed.ts';
import { type HeaderFields, type HttpResponse, ResponseBody } from './http-response.ts';

/** One request and its response, as undici reports them. */
export class HttpExchange implements Dispatcher.DispatchHandler {
  /** Rejects with the signal's reason if that aborts the request, else with the error of the connection. */
  readonly response: Promise<HttpResponse>;
  readonly #signal: AbortSignal;
  #begun!: (response: HttpResponse) => void;
  #failed!: (error: Error) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #body: ResponseBody | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.response = new Promise((resolve, reject) => {
      this.#begun = resolve;
      this.#failed = reject;
    });
    signal.addEventListener('abort', this.#abort, { once: true });
    if (signal.aborted) this.#abort();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) controller.abort(this.#reason());
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    // 103 Early Hints and its kind precede the response.
    if (status < 200) return;
    const bytes = (this.#body = new ResponseBody(controller));
    const fields = new ReceivedFields(headers);
    const encodings = fields.get('content-encoding');
    const body = encodings === null ? bytes : decompressed(bytes, encodings);
    this.#begun({ status, headers: fields, body });
  }

  onResponseData(_: Dispatcher.DispatchController, bytes: Uint8Array): void {
    this.#body?.push(bytes);
  }

  onResponseEnd(): void {
    this.#over();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#over(error);
  }

  /** A request that waits for its connection ends at once, too. */
  readonly #abort = (): void => {
    const reason = this.#reason();
    this.#over(reason);
    this.#controller?.abort(reason);
  };

  #over(error?: Error): void {
    this.#signal.removeEventListener('abort', this.#abort);
    this.#body?.finish(error);
    if (error) this.#failed(error);
  }

  #reason(): Error {
    const reason: unknown = this.#signal.reason;
    return reason instanceof Error ? reason : new Error(String(reason));
  }
}

class ReceivedFields implements HeaderFields {
  readonly #fields: IncomingHttpHeaders;

  constructor(fields: IncomingHttpHeaders) {
    this.#fields = fields;
  }

  get(name: string): string | null {
    const value = this.#fields[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : (value ?? null);
  }
}
