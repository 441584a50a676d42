import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { agentsThrough } from '../../proxy/proxy-agent.ts';
import { CONNECT_MS, SILENT_SERVER_MS } from '../connection-limits.ts';
import type { DynamoAddress } from './dynamo-address.ts';

/** Attempts for a request that failed in transit or was throttled. */
const ATTEMPTS = 5;

/** Without a logger the SDK writes to the console; all errors are thrown anyway. */
const SILENT = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export function dynamoClient(
  { region, endpoint, key }: DynamoAddress,
  proxy?: string,
): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    region,
    ...(endpoint !== undefined && { endpoint }),
    // A copy: the SDK modifies its arguments.
    ...(key && { credentials: { ...key } }),
    maxAttempts: ATTEMPTS,
    logger: SILENT,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: SILENT_SERVER_MS,
      throwOnRequestTimeout: true,
      ...agentsThrough(proxy),
    },
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
