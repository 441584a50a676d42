import type { Agent } from 'node:http';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';

/**
 * Agents for Node's http and https modules that connect through a proxy; undefined without one. The proxy requests http addresses itself,
 * as in curl: many allow tunnels to port 443 alone.
 */
export function agentsThrough(
  proxy: string | undefined,
): { readonly httpAgent: Agent; readonly httpsAgent: Agent } | undefined {
  if (proxy === undefined) return undefined;
  return { httpAgent: new HttpProxyAgent(proxy, { keepAlive: true }), httpsAgent: tunnel(proxy) };
}

/** An agent for WebSockets, which proxies do not forward: it asks for a tunnel whatever the port. */
export function tunnelThrough(proxy: string | undefined): Agent | undefined {
  return proxy === undefined ? undefined : tunnel(proxy);
}

function tunnel(proxy: string): Agent {
  return new HttpsProxyAgent(proxy, { keepAlive: true });
}
