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

/** An answer of Redis begins with a code: WRONGPASS, NOAUTH, NOPERM, ERR. Errors of the network do not. */
const ANSWER = /^[A-Z]{3,} /u;
const refusals = new WeakMap<RedisClient, string>();

/**
 * A connection to Redis, which reconnects by itself. Commands fail at once while there is no connection, and after `ANSWER_WITHIN_MS`
 * without an answer; they are not repeated. `log`: gets one line when the connection is lost or refused, and one when it is back.
 */
export function openRedis(address: RedisAddress, log: Log): RedisClient {
  const client = connected(address, optionsOf(address));
  let logged: string | undefined;
  client.on('error', (error: unknown) => {
    const refusal = refusalIn(error);
    if (refusal === undefined) refusals.delete(client);
    else refusals.set(client, refusal);
    const line = refusal === undefined ? 'Redis does not answer' : 'Redis refuses the connection';
    if (logged !== line) log.error({ err: error }, line);
    logged = line;
  });
  client.on('ready', () => {
    refusals.delete(client);
    if (logged !== undefined) log.info({}, 'Redis answers again');
    logged = undefined;
  });
  return client;
}

/** Why Redis refuses the connection, in its own words. Undefined: it does not, or nothing answers. */
export function refusalOf(client: RedisClient): string | undefined {
  return refusals.get(client);
}

/** A client of a cluster reports the error of the last node that it asked within one of its own. */
function refusalIn(error: unknown): string | undefined {
  const { message, lastNodeError } = error as { message?: unknown; lastNodeError?: { message?: unknown } };
  return [lastNodeError?.message, message].find(
    (text): text is string => typeof text === 'string' && ANSWER.test(text),
  );
}

/**
 * A connection for commands that wait for something to happen: they are sent when there is a connection, and wait without a limit.
 * Errors are those of `openRedis` at the same address, and are not reported.
 */
export function openWaitingRedis(address: RedisAddress): RedisClient {
  const patient: WaitingConnection = { connectTimeout: CONNECT_WITHIN_MS, maxRetriesPerRequest: null };
  const client = connected(address, withAccess({ ...patient, retryStrategy: retryAfterMs }, address));
  client.on('error', () => undefined);
  return client;
}

function connected(address: RedisAddress, options: Connection | WaitingConnection): RedisClient {
  return address.kind === 'cluster' ? clusterClient(address, options) : serverClient(address, options);
}

function serverClient(
  { kind, hosts, database, group, tls }: RedisAddress,
  options: Connection | WaitingConnection,
): Redis {
  const common = { ...options, db: database };
  const [first] = hosts;
  if (kind === 'server') return new Redis({ ...common, host: first?.host ?? '', port: first?.port ?? 0 });
  return new Redis({
    ...common,
    sentinels: [...hosts],
    name: group ?? '',
    sentinelRetryStrategy: retryAfterMs,
    enableTLSForSentinelMode: tls,
  });
}

function clusterClient({ hosts }: RedisAddress, options: Connection | WaitingConnection): Cluster {
  return new Cluster([...hosts], {
    redisOptions: options,
    clusterRetryStrategy: retryAfterMs,
    enableOfflineQueue: options.maxRetriesPerRequest === null,
    // A name that the certificate has must not be replaced by an address.
    dnsLookup: (host, callback) => callback(null, host),
  });
}

/** What is the same for all kinds of addresses. */
interface Access {
  retryStrategy: (times: number) => number;
  username?: string;
  password?: string;
  tls?: object;
}

interface Connection extends Access {
  connectTimeout: number;
  commandTimeout: number;
  socketTimeout: number;
  maxRetriesPerRequest: number;
  enableOfflineQueue: false;
}

interface WaitingConnection extends Partial<Access> {
  connectTimeout: number;
  maxRetriesPerRequest: null;
}

function optionsOf(address: RedisAddress): Connection {
  const options: Connection = {
    connectTimeout: CONNECT_WITHIN_MS,
    commandTimeout: ANSWER_WITHIN_MS,
    socketTimeout: SILENT_AFTER_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: retryAfterMs,
  };
  return withAccess(options, address);
}

function withAccess<Options extends Partial<Access>>(
  options: Options,
  { tls, username, password }: RedisAddress,
): Options {
  if (username !== undefined) options.username = username;
  if (password !== undefined) options.password = password;
  if (tls) options.tls = {};
  return options;
}

function retryAfterMs(times: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(times, 10));
}
