import type { Dispatcher } from 'undici';
import { HttpExchange } from './http-exchange.ts';
import type { HttpResponse } from './http-response.ts';
import { dispatcherOf } from './proxy-fetch.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Scheme, host and port. */
  readonly origin: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
  readonly signal: AbortSignal;
}

/** Sends a request; resolves with the beginning of its response. Rejects with the signal's reason or the error of the connection. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

interface DispatchedRequest extends Dispatcher.DispatchOptions {
  /** The origin that the request was made for, however it is redirected. */
  readonly askedOrigin?: string;
}

/** Azure's header for keys. undici itself removes `authorization` from requests that are redirected to another origin. */
const KEY_HEADER = 'api-key';
/** As many as `fetch` follows. */
const MAX_REDIRECTIONS = 20;

/** By proxy, so that all clients share connections. */
const known = new Map<string, Promise<Dispatcher>>();

/**
 * An HTTP client, through a proxy if one is given, without the Request, Response and streams of `fetch`, which cost more CPU time than
 * everything else in a request. The proxy requests http addresses itself, as in curl: many allow tunnels to port 443 alone.
 */
export function sendThrough(proxy: string | undefined): Send {
  return async ({ signal, ...options }) => {
    const dispatcher = await redirecting(proxy);
    const exchange = new HttpExchange(signal);
    if (!signal.aborted) dispatcher.dispatch(asked(options), exchange);
    return exchange.response;
  };
}

function asked(options: Omit<HttpRequest, 'signal'>): DispatchedRequest {
  return { ...options, askedOrigin: options.origin };
}

/** Removes the key from requests that were redirected to another origin. */
const withoutKeyElsewhere: Dispatcher.DispatcherComposeInterceptor =
  (dispatch) => (options: DispatchedRequest, handler) => {
    const { askedOrigin, origin, headers } = options;
    if (origin === askedOrigin || !Array.isArray(headers)) return dispatch(options, handler);
    // Redirected requests have a list of names and values.
    const kept = headers.filter((_, index) => headers[index - (index % 2)] !== KEY_HEADER);
    return dispatch({ ...options, headers: kept }, handler);
  };

function redirecting(proxy = ''): Promise<Dispatcher> {
  const loading = known.get(proxy) ?? open(proxy);
  known.set(proxy, loading);
  return loading;
}

async function open(proxy: string): Promise<Dispatcher> {
  // The build has no other export of it.
  const { Agent, interceptors } = (await import('undici')).default;
  const dispatcher = proxy === '' ? new Agent() : await dispatcherOf(proxy);
  return dispatcher.compose(
    withoutKeyElsewhere,
    interceptors.redirect({ maxRedirections: MAX_REDIRECTIONS }),
  );
}
