import type { Dispatcher } from 'undici';

type Fetch = typeof globalThis.fetch;

/** By proxy, so that all clients share connections. */
const known = new Map<string, Promise<Dispatcher>>();

/**
 * A `fetch` through a proxy; the ordinary one without. Node's own does not read the proxy variables before version 24. The proxy requests
 * http addresses itself, as in curl: many allow tunnels to port 443 alone.
 */
export function fetchThrough(proxy: string | undefined): Fetch {
  if (proxy === undefined) return fetch;
  return async (input, init) => {
    const dispatcher = await dispatcherOf(proxy);
    return fetch(input, { ...init, dispatcher } as unknown as RequestInit);
  };
}

/** The connections through a proxy, which all clients share. */
export function dispatcherOf(proxy: string): Promise<Dispatcher> {
  const loading = known.get(proxy) ?? open(proxy);
  known.set(proxy, loading);
  return loading;
}

async function open(uri: string): Promise<Dispatcher> {
  // The build has no other export of it.
  const { ProxyAgent } = (await import('undici')).default;
  // https addresses get a tunnel in any case.
  const options = { uri, proxyTunnel: false };
  const { username, password } = new URL(uri);
  if (username === '') return new ProxyAgent(options);
  // undici itself sends no user without a password.
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return new ProxyAgent({ ...options, token: `Basic ${login.toString('base64')}` });
}
