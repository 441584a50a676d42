import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CONNECT_MS, SILENT_SERVER_MS } from '../connection-limits.ts';
import type { DynamoAddress } from './dynamo-address.ts';

/** A request that failed on its way, or was told to slow down, is made so many times. */
const ATTEMPTS = 5;

/** Without one the SDK writes to the console; whatever went wrong is thrown. */
const SILENT = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export function dynamoClient({ region, endpoint, key }: DynamoAddress): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    region,
    ...(endpoint !== undefined && { endpoint }),
    // A copy: the SDK writes into what it is given.
    ...(key && { credentials: { ...key } }),
    maxAttempts: ATTEMPTS,
    logger: SILENT,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: SILENT_SERVER_MS,
      throwOnRequestTimeout: true,
    },
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
