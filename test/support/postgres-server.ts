import pg from 'pg';
import { requiredProgram } from '../../scripts/tier-tools.ts';
import type { ServerKind } from './database-server.ts';

/** PostgreSQL as a test runs it: quick, because nothing in it outlives the test. */
export const POSTGRES: ServerKind = {
  user: 'postgres',
  prepare: (folder) => [
    requiredProgram('initdb'),
    ...['-D', `${folder}/data`, '-U', 'offhook', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
  ],
  command: (folder, port) => [
    requiredProgram('postgres'),
    ...['-D', `${folder}/data`, '-p', String(port), '-k', folder, '-h', '127.0.0.1'],
    ...['-c', 'fsync=off', '-c', 'max_connections=60'],
  ],
  url: (port, name = 'postgres') => `postgres://offhook@127.0.0.1:${port}/${name}`,
  run: async (url, statements) => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
    client.on('error', () => {});
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  },
};
