import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as delay } from 'node:timers/promises';
import { CatalogueDown } from '../catalogue.ts';
import { SILENT_SERVER_MS } from '../connection-limits.ts';
import { NewerCatalogue } from '../newer-catalogue.ts';
import type { Table } from './table.ts';

/** A new table becomes usable after some seconds. */
const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 200;

/** The version of the item format. Version 1 had no words of microphone recordings. */
const SCHEMA_VERSION = 2;
const VERSION_KEY = { pk: 'schema', sk: 'version' };

/** Creates the table if it is missing and waits until it is usable. Several processes may do so at once. */
export async function makeTable(client: DynamoDBClient, name: string): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  for (
    let status = await statusOf(client, name);
    status !== 'ACTIVE';
    status = await statusOf(client, name)
  ) {
    if (status === undefined) await create(client, name);
    if (performance.now() > until)
      throw new CatalogueDown(`The table ${name} is not ready after ${READY_WITHIN_MS / 1_000} s.`);
    await delay(LOOK_EVERY_MS);
  }
}

/** Migrates the items of version 1 by `fromFirst`. Rejects a table that a newer version of offhook wrote. */
export async function migrateItems(table: Table, fromFirst: () => Promise<void>): Promise<void> {
  await table.change({
    key: VERSION_KEY,
    change: 'SET #version = :version',
    condition: 'attribute_not_exists(#version)',
    values: { version: SCHEMA_VERSION },
  });
  const version = Number((await table.get(VERSION_KEY))?.['version']);
  if (version > SCHEMA_VERSION)
    throw new NewerCatalogue(
      `The catalogue's database has schema version ${version}, and this version of offhook supports version ${SCHEMA_VERSION}: ` +
        `use the version of offhook that wrote it, or set a new prefix in DATABASE_URL and run reindex.`,
    );
  if (version === SCHEMA_VERSION) return;
  await fromFirst();
  await table.change({
    key: VERSION_KEY,
    change: 'SET #version = :version',
    condition: '#version = :first',
    values: { version: SCHEMA_VERSION, first: version },
  });
}

async function statusOf(client: DynamoDBClient, name: string): Promise<string | undefined> {
  try {
    const answer = await client.send(new DescribeTableCommand({ TableName: name }), inTime());
    return answer.Table?.TableStatus;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function create(client: DynamoDBClient, name: string): Promise<void> {
  const command = new CreateTableCommand({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  });
  try {
    await client.send(command, inTime());
  } catch (error) {
    // Another process created it first.
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}

function inTime(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(SILENT_SERVER_MS) };
}
