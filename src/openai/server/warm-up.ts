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

async function open({ baseUrl, model, apiKey, proxy }: ServiceSettings): Promise<void> {
  try {
    // The smallest request. Node's fetch closes the connection after a HEAD.
    const response = await fetchThrough(proxy)(`${baseUrl}/models/${encodeURIComponent(model)}`, {
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });
    // An unread body would prevent reuse of the connection.
    await response.arrayBuffer();
  } catch {
    // The request that needs the connection reports the error.
  }
}
