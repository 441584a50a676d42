import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isLoopbackAddress } from './local-request.ts';

/**
 * Whose requests are counted together. Behind a proxy or tunnel on this machine all come over one socket; the last
 * address in `X-Forwarded-For` is the one that the proxy saw itself. Nobody is let in by it.
 */
export function clientAddress({ socket, headers }: IncomingMessage): string {
  const address = socket.remoteAddress ?? '';
  if (!isLoopbackAddress(address)) return address;
  const seen = listed(headers['x-forwarded-for']).at(-1) ?? '';
  return isIP(seen) === 0 ? address : seen;
}

/**
 * The hosts under which a browser may know this server: what it asked for, also where a proxy asks for another one. A page
 * of another site cannot set these headers: browsers ask the server first, which says no.
 */
export function ownHosts({ headers }: IncomingMessage): readonly string[] {
  return [headers.host ?? '', ...listed(headers['x-forwarded-host'])];
}

/** Whether the browser's side of the way is TLS: the first proxy in the list is nearest to it. */
export function cameOverTls({ socket, headers }: IncomingMessage): boolean {
  if ('encrypted' in socket) return true;
  const [scheme] = listed(headers['x-forwarded-proto']);
  if (scheme !== undefined) return scheme.toLowerCase() === 'https';
  const [nearest = ''] = listed(headers.forwarded);
  return /(^|;)\s*proto="?https"?\s*(;|$)/iu.test(nearest);
}

function listed(header: string | readonly string[] | undefined): string[] {
  const text = typeof header === 'string' ? header : (header ?? []).join(',');
  return text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
}
