import { z } from 'zod';
import type { ValueType } from '../value-types.ts';

const DEFAULT_PORT = { redis: 6379, sentinel: 26379 } as const;
const SCHEME = /^(rediss?)(?:\+(sentinel|cluster))?:\/\//;

/** Where Redis or Valkey is. */
export interface RedisAddress {
  readonly kind: 'server' | 'sentinel' | 'cluster';
  readonly tls: boolean;
  /** One server; or the sentinels, or some nodes of the cluster. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** The number of the database; a cluster has only 0. */
  readonly database: number;
  /** The name of the group of servers that the sentinels watch. */
  readonly group?: string | undefined;
}

/** Redis, by which several machines are one telephone system. */
export interface ClusterSettings {
  readonly address: RedisAddress;
  /** The beginning of all keys and channels. */
  readonly prefix: string;
  /** How this machine is called, for people. */
  readonly name: string;
}

export const redisAddress: ValueType<RedisAddress> = {
  accepts:
    'redis://user:password@host:port/database (or rediss:// for TLS), redis+sentinel://host1,host2/group/database, or redis+cluster://host1,host2; in a password, / and @ are written %2F and %40',
  schema: z.string().transform((address, context) => {
    const parsed = parsedAddress(address);
    if (parsed) return parsed;
    context.addIssue('not an address of Redis');
    return z.NEVER;
  }),
};

function parsedAddress(address: string): RedisAddress | undefined {
  const scheme = SCHEME.exec(address);
  if (!scheme) return undefined;
  const kind = (scheme[2] as 'sentinel' | 'cluster' | undefined) ?? 'server';
  const [authority = '', ...path] = address.slice(scheme[0].length).split('/');
  const at = authority.lastIndexOf('@');
  const [username, password] = credentialsOf(authority.slice(0, Math.max(0, at)));
  const port = DEFAULT_PORT[kind === 'sentinel' ? 'sentinel' : 'redis'];
  const hosts = authority
    .slice(at + 1)
    .split(',')
    .map((host) => hostOf(host, port));
  const group = kind === 'sentinel' ? path.shift() : undefined;
  const database = databaseOf(path);
  if (database === undefined || (kind === 'cluster' && database !== 0)) return undefined;
  if (kind === 'sentinel' && !group) return undefined;
  if (!hosts.every((host) => host !== undefined) || (kind === 'server' && hosts.length !== 1))
    return undefined;
  if (username instanceof URIError) return undefined;
  return { kind, tls: scheme[1] === 'rediss', hosts, username, password, database, group };
}

/** `user:password`, `:password` or, as many services write it, the password alone. */
function credentialsOf(text: string): readonly [(string | URIError | undefined)?, string?] {
  if (text === '') return [];
  const colon = text.indexOf(':');
  try {
    const password = decodeURIComponent(text.slice(colon + 1));
    return [colon > 0 ? decodeURIComponent(text.slice(0, colon)) : undefined, password];
  } catch (error) {
    return [error as URIError];
  }
}

function hostOf(text: string, defaultPort: number): { host: string; port: number } | undefined {
  if (!URL.canParse(`http://${text}`)) return undefined;
  const url = new URL(`http://${text}`);
  if (url.hostname === '' || url.pathname !== '/' || url.search || url.username) return undefined;
  // `http` has a default port that a URL leaves out.
  const port = url.port !== '' ? Number(url.port) : text.endsWith(':80') ? 80 : defaultPort;
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

function databaseOf([text = '', ...more]: readonly string[]): number | undefined {
  if (more.length > 0 || !/^\d{0,4}$/.test(text)) return undefined;
  return Number(text);
}
