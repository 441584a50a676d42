import { S3Client } from '@aws-sdk/client-s3';
import { agentsThrough } from '../../proxy/proxy-agent.ts';
import type { StoreSettings } from '../../settings/settings.ts';
import { describeErrors } from './store-errors.ts';

const CONNECT_WITHIN_MS = 5_000;
/** Nothing arrives and nothing leaves for so long: the connection is dead. */
const IDLE_MS = 30_000;
/** A store of another maker wants a region in the signature and mostly does not care which. */
const ANY_REGION = 'us-east-1';

/** Without a logger the SDK writes to the console. Errors are thrown and logged by the caller. */
const SILENT = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Checksums are computed by us in small blocks: the SDK would hash a whole part at once and block live calls. */
export function s3Client(settings: StoreSettings): S3Client {
  const { endpoint, key, forcePathStyle } = settings;
  const region = settings.region ?? (endpoint === undefined ? undefined : ANY_REGION);
  const client = new S3Client({
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    // A copy, because the SDK modifies it.
    ...(key && { credentials: { ...key } }),
    forcePathStyle,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    logger: SILENT,
    requestHandler: {
      connectionTimeout: CONNECT_WITHIN_MS,
      socketTimeout: IDLE_MS,
      ...agentsThrough(settings.proxy),
    },
  });
  describeErrors(client);
  return client;
}

export interface S3Location {
  readonly Bucket: string;
  readonly Key: string;
}

/** Throws where the address is not one of an object store. */
export function parseStoreUrl(url: string): S3Location {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  if (Bucket === undefined || Key === undefined)
    throw new Error(`${url} is not an address like s3://bucket/name`);
  return { Bucket, Key };
}
