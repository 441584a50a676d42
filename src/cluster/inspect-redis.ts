import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Cluster } from 'ioredis';
import { createLog } from '../log.ts';
import type { ClusterSettings } from '../settings/addresses/redis-address.ts';
import { openRedis, type RedisClient } from './redis-connection.ts';
import { type RedisFacts, redisFacts } from './redis-version.ts';

const CONNECTED_WITHIN_MS = 4_000;
const PROBE_KEPT_MS = 1_000;

/** What `doctor` wants to know of Redis. */
export interface RedisInspection {
  /** Of each server that takes writes: one, or the masters of a cluster. Empty: the user may not use INFO. */
  readonly servers: readonly RedisFacts[];
  /** Whether data survive a restart; undefined: not known, because the user may not use CONFIG. */
  readonly isPersistent: boolean | undefined;
  readonly answeredMs: number;
}

/** Connects, writes a key, and asks the servers for their state. Rejects with the cause if Redis cannot be used. */
export async function inspectRedis({ address, prefix }: ClusterSettings): Promise<RedisInspection> {
  const client = openRedis(address, createLog({ level: 'silent' }));
  let last: unknown;
  client.on('error', (error: unknown) => (last = error));
  try {
    await once(client, 'ready', { signal: AbortSignal.timeout(CONNECTED_WITHIN_MS) }).catch(
      (error: unknown) => {
        throw causeOf(last ?? error);
      },
    );
    const startedMs = performance.now();
    await client.set(`${prefix}:doctor:${randomUUID()}`, '', 'PX', PROBE_KEPT_MS);
    const answeredMs = performance.now() - startedMs;
    const infos = await Promise.all(mastersOf(client).map((master) => master.info())).catch(() => []);
    const servers = infos.map(redisFacts);
    const saves = await client.config('GET', 'save').then(saveRule, () => undefined);
    const hasAppendOnlyFile = servers.some((server) => server.hasAppendOnlyFile);
    const isPersistent = hasAppendOnlyFile || (saves === undefined ? undefined : saves !== '');
    return { servers, isPersistent, answeredMs };
  } finally {
    client.disconnect();
  }
}

function mastersOf(client: RedisClient) {
  return client instanceof Cluster ? client.nodes('master') : [client];
}

function saveRule(answer: unknown): string {
  return Array.isArray(answer) ? String(answer[1] ?? '') : '';
}

/** The client of a cluster keeps the cause apart. */
function causeOf(error: unknown): unknown {
  const cause = (error as { lastNodeError?: unknown } | undefined)?.lastNodeError;
  return cause ?? error;
}
