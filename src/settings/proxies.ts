import { BlockList, isIP } from 'node:net';
import type { Environment } from './check.ts';
import { isLoopbackHost } from './loopback.ts';
import type { SettingValues } from './table.ts';

/** Proxies for outgoing connections. */
export interface ProxySettings {
  readonly https?: string | undefined;
  readonly http?: string | undefined;
  /** As NO_PROXY is written. */
  readonly except: string;
}

const NAMES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'] as const;
/** Default ports, for entries of NO_PROXY that have one. */
const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** The lower-case names of proxies count first, as in curl. */
export function withLowerCaseProxies(layer: Environment): Environment {
  const given = NAMES.filter((name) => layer[name.toLowerCase()] !== undefined);
  if (given.length === 0) return layer;
  const lower = new Set(given.map((name) => name.toLowerCase()));
  const rest = Object.entries(layer).filter(([name]) => !lower.has(name));
  const upper = given.map((name) => [name, layer[name.toLowerCase()]] as const);
  return Object.fromEntries<string | undefined>([...rest, ...upper]);
}

export function proxySettings(values: SettingValues): ProxySettings {
  const { HTTPS_PROXY: https, HTTP_PROXY: http, ALL_PROXY: all, NO_PROXY: except = '' } = values;
  return { https: https ?? all, http: http ?? all, except };
}

/** The proxy that leads to an address; undefined if it is reached directly, as this machine always is. */
export function proxyFor(address: string, { https, http, except }: ProxySettings): string | undefined {
  const { protocol, hostname, port } = new URL(address);
  const proxy = protocol === 'https:' ? https : http;
  if (proxy === undefined || isThisMachine(hostname)) return undefined;
  const server = { host: withoutDot(bare(hostname.toLowerCase())), port: port || (PORTS[protocol] ?? '') };
  // Windows separates entries by semicolons, Java by bars.
  return except.split(/[\s,;|]+/).some((entry) => excludes(entry, server)) ? undefined : proxy;
}

function isThisMachine(hostname: string): boolean {
  return isLoopbackHost(hostname) || hostname === '0.0.0.0' || hostname.endsWith('.localhost');
}

/**
 * An entry means a host and its subdomains, as in curl and Go; `.host` and `*.host` mean the same. `10.*` and `10.` are addresses that
 * begin so, `<local>` are names without a dot (Windows).
 */
function excludes(entry: string, { host, port }: { host: string; port: string }): boolean {
  if (entry === '*') return true;
  if (entry.toLowerCase() === '<local>') return isIP(host) === 0 && !host.includes('.');
  if (/^\d{1,3}\.(?:\d{1,3}\.){0,2}\*?$/.test(entry))
    return isIP(host) === 4 && host.startsWith(entry.replace(/\*$/, ''));
  const [, name = '', only] = /^(\[.*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
  const pattern = withoutDot(bare(name).replace(/^\*?\./, ''));
  if (pattern === '' || (only !== undefined && only !== port)) return false;
  if (pattern.includes('/')) return isInNetwork(host, pattern);
  return host === pattern || (isIP(host) === 0 && host.endsWith(`.${pattern}`));
}

function isInNetwork(host: string, network: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  const family = isIP(base) === 6 ? 'ipv6' : 'ipv4';
  const width = family === 'ipv6' ? 128 : 32;
  if (isIP(base) === 0 || isIP(host) !== isIP(base) || !/^\d+$/.test(bits) || Number(bits) > width)
    return false;
  const list = new BlockList();
  list.addSubnet(base, Number(bits), family);
  return list.check(host, family);
}

/** `example.com.` is `example.com`, written completely. */
function withoutDot(host: string): string {
  return host.replace(/\.$/, '');
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
