import OpenAI from 'openai';
import { fetchThrough } from '../../proxy/proxy-fetch.ts';
import type { ServiceSettings } from '../../settings/settings.ts';
import { responseText } from './response-text.ts';
import { readServerMessage } from './server-message.ts';
import type { ServiceTimeouts } from './timeouts.ts';

/** The package requires a key; servers without authentication ignore it. */
const NO_KEY = 'none';
/** An error page may be long; its beginning tells enough. */
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * A client for one service, with its own address and key. Everything that the package would read from the environment is
 * given explicitly, so that only the settings count. It sends each request once; `ServiceClient` decides about retries. `send`
 * replaces the network.
 */
export function openAiClient(
  service: ServiceSettings,
  timeouts: ServiceTimeouts,
  send: typeof fetch = fetchThrough(service.proxy),
): OpenAI {
  return new OpenAI({
    apiKey: service.apiKey ?? NO_KEY,
    baseURL: service.baseUrl,
    defaultQuery: service.query,
    defaultHeaders: keyHeaders(service),
    organization: null,
    project: null,
    timeout: timeouts.answerMs,
    maxRetries: 0,
    logLevel: 'off',
    // The package asks a fetch without this property for `data:,` to learn whether it accepts forms.
    fetch: Object.assign(
      async (url: string | URL | Request, init?: RequestInit) => withReadableError(await send(url, init)),
      { Response },
    ),
  });
}

/** Azure takes a key in a header of its own; null removes the package's. */
function keyHeaders({ keyHeader, apiKey }: ServiceSettings): Record<string, string | null> {
  return keyHeader && apiKey !== undefined ? { [keyHeader]: apiKey, authorization: null } : {};
}

/**
 * The package reads only `{"error": {…}}` and drops the reason in every other shape. An error response is therefore rewritten to
 * that shape.
 */
async function withReadableError(response: Response): Promise<Response> {
  if (response.ok) return response;
  // Without a text, the status is an answer too.
  const error = readServerMessage(await responseText(response, MAX_ERROR_BYTES).catch(() => ''));
  const headers = new Headers(response.headers);
  for (const name of ['content-length', 'content-encoding']) headers.delete(name);
  headers.set('content-type', 'application/json');
  // `Response` accepts no other status; a redirect without a target ends up here.
  const status = response.status >= 200 && response.status <= 599 ? response.status : 502;
  return new Response(JSON.stringify({ error }), { status, headers });
}
