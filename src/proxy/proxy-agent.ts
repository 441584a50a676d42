import type { Agent } from 'node:http';
import { HttpsProxyAgent } from 'https-proxy-agent';

/** An agent for Node's http and https modules that connects through a proxy; undefined without one. */
export function agentThrough(proxy: string | undefined): Agent | undefined {
  return proxy === undefined ? undefined : new HttpsProxyAgent(proxy, { keepAlive: true });
}
