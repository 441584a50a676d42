import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';

/** As Express' `trust proxy: 'loopback'`. Only proxies on this machine are trusted. */
const trusted = proxyAddr.compile('loopback');

/**
 * The address by which requests are limited. Behind a proxy or tunnel on this machine it is the last address in
 * `X-Forwarded-For` that is not loopback. It never admits a request.
 */
export function clientAddress(request: IncomingMessage): string {
  // A closed socket has no address.
  if (request.socket.remoteAddress === undefined) return '';
  const address = proxyAddr(request, trusted);
  return isIP(address) === 0 ? request.socket.remoteAddress : address;
}

/**
 * The hosts under which a browser may know this server, also if a proxy changes `Host`. A page of another site cannot set these
 * headers: the browser sends a preflight request first, which is refused.
 */
export function ownHosts({ headers }: IncomingMessage): readonly string[] {
  return [headers.host ?? '', ...listed(headers['x-forwarded-host'])];
}

/** Whether the browser's connection uses TLS. The first proxy in the list is the nearest to the browser. */
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
