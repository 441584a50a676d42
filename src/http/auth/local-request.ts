import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isLoopbackHost } from '../../settings/loopback.ts';

/** The parts of a request that identify its sender. */
export interface RequestFacts {
  /** The address of the socket's peer; never from a header. */
  readonly remoteAddress: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface AccessSettings {
  readonly adminPassword?: string | undefined;
  /** scrypt's N for the password's hash. Default: OWASP's. */
  readonly passwordHashCost?: number | undefined;
  readonly apiToken?: string | undefined;
  /** False: no request counts as local. */
  readonly localRequests: boolean;
  /** Proxies whose `X-Forwarded-For` is believed. Default: those on this machine. */
  readonly trustedProxies?: readonly string[] | undefined;
}

export type Admission =
  | { readonly admitted: true; readonly method: 'local' | 'token' }
  | { readonly admitted: false; readonly status: 401 | 403; readonly sentence: string };

export function factsOf(request: IncomingMessage): RequestFacts {
  return { remoteAddress: request.socket.remoteAddress, headers: request.headers };
}

/**
 * Whether a request comes from this machine: a loopback socket, no header of a proxy or tunnel (all requests through it would
 * look local), and a loopback Host, which a page of another site cannot set by DNS rebinding.
 */
export function isLocal({ remoteAddress, headers }: RequestFacts): boolean {
  if (remoteAddress === undefined || !isLoopbackAddress(remoteAddress)) return false;
  if (Object.keys(headers).some((name) => FORWARDING.test(name))) return false;
  const { host, origin } = headers;
  return (
    typeof host === 'string' && isLoopbackHost(host) && (origin === undefined || isOwnOrigin(origin, [host]))
  );
}

/** Any page can make this machine's browser send a request; the browser then sends the page's origin. */
export function isOwnOrigin(origin: unknown, hosts: readonly string[]): boolean {
  if (typeof origin !== 'string' || !URL.canParse(origin)) return false;
  const { host } = new URL(origin);
  return hosts.some((one) => one.toLowerCase() === host);
}

/** Admits requests with the API token, and local requests if no password is set. */
export function admit(facts: RequestFacts, access: AccessSettings): Admission {
  const token = bearerOf(facts);
  if (token !== undefined && access.apiToken !== undefined && same(token, access.apiToken))
    return { admitted: true, method: 'token' };
  if (access.adminPassword === undefined && access.localRequests && isLocal(facts))
    return { admitted: true, method: 'local' };
  return refusal(access);
}

/** Compares in constant time. */
function same(given: string, expected: string): boolean {
  const digest = (secret: string) => createHash('sha256').update(secret).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function refusal({ adminPassword, apiToken, localRequests }: AccessSettings): Admission {
  if (adminPassword === undefined && !localRequests) return refused(403, PASSWORD_MISSING);
  if (apiToken !== undefined)
    return refused(401, 'Log in at /login, or send the API_TOKEN as "Authorization: Bearer ...".');
  if (adminPassword !== undefined)
    return refused(401, 'Log in at /login; programs need API_TOKEN, sent as "Authorization: Bearer ...".');
  return refused(
    403,
    'Only requests from this machine are served. To log in from elsewhere set ADMIN_PASSWORD, and API_TOKEN for programs.',
  );
}

const PASSWORD_MISSING =
  'Set ADMIN_PASSWORD to open the pages, and API_TOKEN for programs. Because PUBLIC_URL or TWILIO_AUTH_TOKEN is set, requests from this machine need a login, too.';

function refused(status: 401 | 403, sentence: string): Admission {
  return { admitted: false, status, sentence };
}

/** Set by proxies and tunnels (ngrok, cloudflared, nginx, load balancers); browsers and curl never send them. */
const FORWARDING =
  /^(x-forwarded-.*|forwarded|via|x-real-ip|x-original-.*|x-client-ip|x-cluster-client-ip|true-client-ip|fastly-client-ip|fly-client-ip|cf-.*|cdn-loop|ngrok-.*|x-ngrok-.*|tailscale-.*|x-envoy-.*|x-amzn-trace-id|x-cloud-trace-context)$/i;

/** 127.0.0.0/8, also in its IPv4-mapped form, and ::1. */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i.test(address);
}

function bearerOf({ headers }: RequestFacts): string | undefined {
  const { authorization } = headers;
  return typeof authorization === 'string' ? /^Bearer (\S+)$/i.exec(authorization)?.[1] : undefined;
}
