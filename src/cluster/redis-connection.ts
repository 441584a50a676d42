import { Cluster, Redis } from 'ioredis';
import type { Log } from '../log.ts';
import type { RedisAddress } from '../settings/addresses/redis-address.ts';

export type RedisClient = Redis | Cluster;

/** A command without an answer has failed after this time: a call does not wait longer for Redis. */
export const ANSWER_WITHIN_MS = 1_000;
const CONNECT_WITHIN_MS = 2_000;
/** A connection that brings nothing while commands wait is given up. The heartbeat of a machine is a command each second. */
const SILENT_AFTER_MS = 3_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;

/**
 * A connection to Redis, which reconnects by itself. Commands fail at once while there is no connection, and after `ANSWER_WITHIN_MS`
 * without an answer; they are not repeated. `log`: gets one line when the connection is lost, and one when it is back.
 */
export function openRedis(address: RedisAddress, log: Log): RedisClient {
  const client = address.kind === 'cluster' ? clusterClient(address) : serverClient(address);
  let lost = false;
  client.on('error', (error: unknown) => {
    if (!lost) log.error({ err: error }, 'Redis does not answer');
    lost = true;
  });
  client.on('ready', () => {
    if (lost) log.info({}, 'Redis answers again');
    lost = false;
  });
  return client;
}

function serverClient({ kind, hosts, database, group, ...address }: RedisAddress): Redis {
  const common = { ...optionsOf(address), db: database };
  const [first] = hosts;
  if (kind === 'server') return new Redis({ ...common, host: first?.host ?? '', port: first?.port ?? 0 });
  return new Redis({
    ...common,
    sentinels: [...hosts],
    name: group ?? '',
    sentinelRetryStrategy: retryAfterMs,
    enableTLSForSentinelMode: address.tls,
  });
}

function clusterClient({ hosts, ...address }: RedisAddress): Cluster {
  return new Cluster([...hosts], {
    redisOptions: optionsOf(address),
    clusterRetryStrategy: retryAfterMs,
    enableOfflineQueue: false,
    // A name that the certificate has must not be replaced by an address.
    dnsLookup: (host, callback) => callback(null, host),
  });
}

/** What is the same for all kinds of addresses. */
interface Connection {
  connectTimeout: number;
  commandTimeout: number;
  socketTimeout: number;
  maxRetriesPerRequest: number;
  enableOfflineQueue: false;
  retryStrategy: (times: number) => number;
  username?: string;
  password?: string;
  tls?: object;
}

function optionsOf({ tls, username, password }: Pick<RedisAddress, 'tls' | 'username' | 'password'>) {
  const options: Connection = {
    connectTimeout: CONNECT_WITHIN_MS,
    commandTimeout: ANSWER_WITHIN_MS,
    socketTimeout: SILENT_AFTER_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: retryAfterMs,
  };
  if (username !== undefined) options.username = username;
  if (password !== undefined) options.password = password;
  if (tls) options.tls = {};
  return options;
}

function retryAfterMs(times: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(times, 10));
}
