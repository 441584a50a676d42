import { fetchThrough } from '../../proxy/proxy-fetch.ts';
import type { ServiceSettings } from '../../settings/settings.ts';

/** A slower handshake is not useful any more. */
const GIVE_UP_MS = 5_000;

/**
 * Opens a connection to each server, so that the handshake (80 to 300 ms with TLS) is done before the first request. Node
 * closes an idle connection after about 4 s, so this is called shortly before a request: while the phone rings, and when the
 * caller begins to speak. Never fails: the request itself reports errors.
 */
export async function warmUp(services: readonly (ServiceSettings | undefined)[]): Promise<void> {
  const present = services.filter((service) => service !== undefined);
  const byServer = new Map(present.map((service) => [new URL(service.baseUrl).origin, service]));
  await Promise.all([...byServer.values()].map(open));
}

async function open({ baseUrl, query, model, apiKey, keyHeader, proxy }: ServiceSettings): Promise<void> {
  try {
    // The smallest request. Node's fetch closes the connection after a HEAD.
    const search = query ? `?${new URLSearchParams(query).toString()}` : '';
    const response = await fetchThrough(proxy)(`${baseUrl}/models/${encodeURIComponent(model)}${search}`, {
      headers: headersWith(apiKey, keyHeader),
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });
    // An unread body would prevent reuse of the connection.
    await response.arrayBuffer();
  } catch {
    // The request that needs the connection reports the error.
  }
}

function headersWith(
  apiKey: string | undefined,
  keyHeader: ServiceSettings['keyHeader'],
): Record<string, string> {
  if (apiKey === undefined) return {};
  return keyHeader ? { [keyHeader]: apiKey } : { authorization: `Bearer ${apiKey}` };
}
