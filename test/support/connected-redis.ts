import { afterAll, beforeAll, beforeEach } from 'vitest';
import { openRedis, type RedisClient } from '../../src/cluster/redis-connection.ts';
import { createLog } from '../../src/log.ts';
import { redisAddress } from '../../src/settings/addresses/redis-address.ts';
import { comesTrue } from './comes-true.ts';
import { type RedisServer, startedRedis } from './redis-server.ts';

/** Both exist once the tests run. */
export interface ConnectedRedis {
  readonly server: RedisServer;
  /** A connection as the product makes it. */
  readonly client: RedisClient;
}

/** A real Redis for the tests of one file, which is emptied before each of them. */
export function connectedRedis(): ConnectedRedis {
  let server: RedisServer;
  let client: RedisClient;
  beforeAll(async () => {
    server = await startedRedis();
    client = openRedis(redisAddress.schema.parse(server.url), createLog({ level: 'silent' }));
    await comesTrue('connected', () => client.status === 'ready');
  });
  beforeEach(() => server.client.flushall());
  afterAll(async () => {
    client.disconnect();
    await server.end();
  });
  return {
    get server() {
      return server;
    },
    get client() {
      return client;
    },
  };
}
