import { type Send, sendThrough } from '../../proxy/http-client.ts';
import type { HttpResponse } from '../../proxy/http-response.ts';
import type { ServiceSettings } from '../../settings/settings.ts';
import type { MultipartForm } from './multipart-form.ts';
import { ResponseError } from './response-error.ts';
import { responseText } from './response-text.ts';
import { readServerMessage } from './server-message.ts';

/** Servers without authentication ignore it; gateways may require any. */
const NO_KEY = 'none';
/** An error page may be long; its beginning tells enough. */
const MAX_ERROR_BYTES = 64 * 1024;

/** The address and the key of one service. It sends each request once; `ServiceClient` decides about retries. */
export class ServiceEndpoint {
  readonly #send: Send;
  readonly #origin: string;
  readonly #path: string;
  readonly #query: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** `send` replaces the network. */
  constructor(service: ServiceSettings, send: Send = sendThrough(service.proxy)) {
    const { baseUrl, query, apiKey = NO_KEY, keyHeader } = service;
    const { origin, pathname } = new URL(baseUrl);
    this.#send = send;
    this.#origin = origin;
    this.#path = pathname.replace(/\/$/u, '');
    this.#query = query ? `?${new URLSearchParams(query).toString()}` : '';
    // Azure takes a key in a header of its own.
    const isAzure = keyHeader !== undefined && service.apiKey !== undefined;
    this.#headers = {
      [isAzure ? keyHeader : 'authorization']: isAzure ? apiKey : `Bearer ${apiKey}`,
      // Compression costs both sides more than it saves, and proxies hold back compressed streams.
      'accept-encoding': 'identity',
      'user-agent': 'offhook',
    };
  }

  /** `path` begins with a slash. Throws a `ResponseError`, an error of the network, or the signal's reason. */
  get(path: string, signal: AbortSignal): Promise<HttpResponse> {
    return this.#ask('GET', path, signal, { accept: 'application/json' }, null);
  }

  /** As `get`. `accept`: the content type of a response, JSON by default. */
  postJson(
    path: string,
    body: object,
    options: { readonly signal: AbortSignal; readonly accept?: string },
  ): Promise<HttpResponse> {
    const { signal, accept = 'application/json' } = options;
    const headers = { accept, 'content-type': 'application/json' };
    return this.#ask('POST', path, signal, headers, JSON.stringify(body));
  }

  /** As `get`. */
  postForm(path: string, { contentType, body }: MultipartForm, signal: AbortSignal): Promise<HttpResponse> {
    const headers = { accept: 'application/json', 'content-type': contentType };
    return this.#ask('POST', path, signal, headers, body);
  }

  async #ask(
    method: 'GET' | 'POST',
    path: string,
    signal: AbortSignal,
    more: Readonly<Record<string, string>>,
    body: string | Uint8Array | null,
  ): Promise<HttpResponse> {
    const response = await this.#send({
      ...{ method, signal, body, origin: this.#origin },
      path: `${this.#path}${path}${this.#query}`,
      headers: { ...this.#headers, ...more },
    });
    const { status, headers } = response;
    if (status >= 200 && status <= 299) return response;
    // Without a text, the status is an answer too.
    const text = await responseText(response, MAX_ERROR_BYTES).catch(() => '');
    throw new ResponseError(status, readServerMessage(text), headers);
  }
}
