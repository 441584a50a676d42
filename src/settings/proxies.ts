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

/** `10.*` and `10.`: addresses that begin so. */
const BEGINNING_OF_ADDRESS = /^\d{1,3}\.(?:\d{1,3}\.){0,2}\*?$/;
/** A host, an address or a network, with or without a port. */
const ENTRY = /^(\[.*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/;

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
  return entriesOf(except).some((entry) => excludes(entry, server)) ? undefined : proxy;
}

/** The entries of NO_PROXY that name no host, address or network: they exclude nothing. */
export function unusableExceptions(except: string): string[] {
  return entriesOf(except).filter((entry) => !isUsable(entry));
}

/** Windows separates entries by semicolons, Java by bars. Quotation marks are remains of shells; an address stands for its host. */
function entriesOf(except: string): string[] {
  return except
    .split(/[\s,;|]+/)
    .map((entry) => entry.replace(/^["']+|["']+$/g, '').replace(/^[a-z]+:\/\/([^/]*)\/?$/i, '$1'))
    .filter((entry) => entry !== '');
}

function isUsable(entry: string): boolean {
  if (entry === '*' || entry.toLowerCase() === '<local>' || BEGINNING_OF_ADDRESS.test(entry)) return true;
  const [, name = ''] = ENTRY.exec(entry) ?? [];
  const [base = '', bits] = bare(name).split('/');
  if (bits !== undefined) return isIP(base) !== 0 && prefixLength(base, bits) !== undefined;
  return (
    isIP(base) !== 0 ||
    (/^[*.]{0,2}[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.?$/iu.test(base) && !/^[\d.]+$/.test(base))
  );
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
  if (BEGINNING_OF_ADDRESS.test(entry)) return isIP(host) === 4 && host.startsWith(entry.replace(/\*$/, ''));
  const [, name = '', only] = ENTRY.exec(entry.toLowerCase()) ?? [];
  const pattern = withoutDot(bare(name).replace(/^\*?\./, ''));
  if (pattern === '' || (only !== undefined && only !== port)) return false;
  if (pattern.includes('/')) return isInNetwork(host, pattern);
  return host === pattern || (isIP(host) === 0 && host.endsWith(`.${pattern}`));
}

function isInNetwork(host: string, network: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  const prefix = prefixLength(base, bits);
  if (isIP(base) === 0 || isIP(host) !== isIP(base) || prefix === undefined) return false;
  const family = isIP(base) === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(base, prefix, family);
  return list.check(host, family);
}

/** The bits of a network: `8`, or the mask `255.0.0.0`; undefined if there is no such network. */
function prefixLength(base: string, bits: string): number | undefined {
  if (isIP(base) === 4 && isIP(bits) === 4) {
    const mask = bits.split('.').map((byte) => Number(byte).toString(2).padStart(8, '0'));
    return /^1*0*$/.test(mask.join('')) ? mask.join('').replaceAll('0', '').length : undefined;
  }
  const isPossible = /^\d{1,3}$/.test(bits) && Number(bits) <= (isIP(base) === 6 ? 128 : 32);
  return isPossible ? Number(bits) : undefined;
}

/** `example.com.` is `example.com`, written completely. */
function withoutDot(host: string): string {
  return host.replace(/\.$/, '');
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
