import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { createRequire } from 'node:module';
import type { ServerKind } from './database-server.ts';

/** DynamoDB's protocol as a test runs it, with its data on disk. Whoever comes first makes what a database is there. */
export const DYNALITE: ServerKind = {
  prepare: () => [process.execPath, '--version'],
  command: (folder, port) => [
    process.execPath,
    createRequire(import.meta.url).resolve('dynalite/cli.js'),
    ...['--host', '127.0.0.1', '--port', `${port}`, '--path', `${folder}/data`, '--createTableMs', '50'],
  ],
  url: (port, name = 'none') => `dynamodb://eu-central-1/${name}?endpoint=http://127.0.0.1:${port}`,
  run: async (url) => {
    const client = new DynamoDBClient({
      ...{ region: 'eu-central-1', endpoint: new URL(url).searchParams.get('endpoint')!, maxAttempts: 1 },
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    try {
      await client.send(new ListTablesCommand({}));
    } finally {
      client.destroy();
    }
  },
};
