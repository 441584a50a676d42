import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';

/** Addresses and networks of proxies that are trusted by default: those on this machine. */
const DEFAULT_PROXIES = ['loopback'];

/** Tells the address of a client from that of a proxy. The addresses limit requests; they never admit one. */
export class ClientAddresses {
  readonly #isTrusted: (address: string, index: number) => boolean;

  /** `proxies`: as in Express' setting `trust proxy`. */
  constructor(proxies: readonly string[] = DEFAULT_PROXIES) {
    this.#isTrusted = proxyAddr.compile([...proxies]);
  }

  /** The last address in `X-Forwarded-For` that is not a trusted proxy, if a trusted proxy sent the request. */
  of(request: IncomingMessage): string {
    // A closed socket has no address.
    if (request.socket.remoteAddress === undefined) return '';
    const address = proxyAddr(request, this.#isTrusted);
    return isIP(address) === 0 ? request.socket.remoteAddress : address;
  }

  /** Whether the address is a trusted proxy: it does not tell its clients apart. */
  isProxy(address: string): boolean {
    return isIP(address) !== 0 && this.#isTrusted(address, 0);
  }
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
