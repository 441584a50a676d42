import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';

/** As Express' `trust proxy: 'loopback'`. Only proxies on this machine are believed. */
const trusted = proxyAddr.compile('loopback');

/**
 * The address by which requests are limited. Behind a proxy or tunnel on this machine it is the last address in
 * `X-Forwarded-For` that is not loopback. It never admits a request.
 */
export function clientAddress(request: IncomingMessage): string {
  // A socket that was closed has no address any more.
  if (request.socket.remoteAddress === undefined) return '';
  const address = proxyAddr(request, trusted);
  return isIP(address) === 0 ? request.socket.remoteAddress : address;
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
