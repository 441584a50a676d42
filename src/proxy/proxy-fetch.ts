import type { Dispatcher } from 'undici';

type Fetch = typeof globalThis.fetch;

interface Dispatchers {
  /** Asks the proxy for a tunnel to the server. */
  readonly tunnel: Dispatcher;
  /** Asks the proxy to request an http address itself. */
  readonly forward: Dispatcher;
}

/** By proxy, so that all clients share connections. */
const known = new Map<string, Promise<Dispatchers>>();
/** Origins that the proxy reaches without a tunnel alone. */
const forwarded = new Set<string>();

/**
 * A `fetch` through a proxy; the ordinary one without. Node's own does not read the proxy variables before version 24. A
 * tunnel is requested for http addresses too; many proxies allow it for https alone, and then they forward the request.
 */
export function fetchThrough(proxy: string | undefined): Fetch {
  if (proxy === undefined) return fetch;
  return async (input, init) => {
    const { tunnel, forward } = await dispatchersOf(proxy);
    const { protocol, origin } = new URL(input instanceof Request ? input.url : input);
    const key = `${proxy} ${origin}`;
    if (forwarded.has(key)) return fetch(input, through(forward, init));
    try {
      return await fetch(input, through(tunnel, init));
    } catch (error) {
      if (protocol !== 'http:' || !isTunnelRefusal(error)) throw error;
      const response = await fetch(input, through(forward, init));
      forwarded.add(key);
      return response;
    }
  };
}

function through(dispatcher: Dispatcher, init: RequestInit | undefined): RequestInit {
  return { ...init, dispatcher } as unknown as RequestInit;
}

function dispatchersOf(proxy: string): Promise<Dispatchers> {
  const loading = known.get(proxy) ?? open(proxy);
  known.set(proxy, loading);
  return loading;
}

async function open(uri: string): Promise<Dispatchers> {
  const { ProxyAgent } = await import('undici');
  return { tunnel: new ProxyAgent({ uri }), forward: new ProxyAgent({ uri, proxyTunnel: false }) };
}

function isTunnelRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.message.includes('HTTP Tunneling') || isTunnelRefusal(error.cause);
}
