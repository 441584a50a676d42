import type { ServiceSettings } from '../../settings/settings.ts';
import { responseText } from './response-text.ts';
import { ServiceEndpoint } from './service-endpoint.ts';

/** A slower handshake is not useful any more. */
const GIVE_UP_MS = 5_000;
const MAX_BYTES = 64 * 1024;

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

async function open(service: ServiceSettings): Promise<void> {
  try {
    // The smallest request. undici closes the connection after a HEAD.
    const path = `/models/${encodeURIComponent(service.model)}`;
    const response = await new ServiceEndpoint(service).get(path, AbortSignal.timeout(GIVE_UP_MS));
    // An unread body would prevent reuse of the connection.
    await responseText(response, MAX_BYTES);
  } catch {
    // The request that needs the connection reports the error.
  }
}
