import type { ServiceSettings } from '../settings/settings.ts';

/** Longer than any handshake that is still worth having. */
const GIVE_UP_MS = 5_000;

/**
 * Opens a connection to each server, so that the handshake (80 to 300 ms with TLS) is over before the first word is
 * to be spoken or understood. Node closes an idle connection after about 4 s, so this is called when it is about to be
 * needed: while the phone rings, and when the caller begins to speak. Never fails: what is not there is found later.
 */
export async function warmUp(services: readonly (ServiceSettings | undefined)[]): Promise<void> {
  const present = services.filter((service) => service !== undefined);
  const byServer = new Map(present.map((service) => [new URL(service.baseUrl).origin, service]));
  await Promise.all([...byServer.values()].map(open));
}

async function open({ baseUrl, model, apiKey }: ServiceSettings): Promise<void> {
  try {
    // The smallest question there is. Node's fetch would close the connection after a HEAD.
    const response = await fetch(`${baseUrl}/models/${encodeURIComponent(model)}`, {
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });
    // A body that nobody reads would keep the connection from being used again.
    await response.arrayBuffer();
  } catch {
    // The request that needs the connection will say what is wrong with it.
  }
}
