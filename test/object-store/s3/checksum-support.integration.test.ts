import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PART_BYTES } from '../../../src/object-store/s3/file-digests.ts';
import { S3Store } from '../../../src/object-store/s3/s3-store.ts';
import type { Fault, Seen } from '../../support/faulty-proxy.ts';
import { madeFile } from '../../support/made-file.ts';
import { BUCKET, ObjectStore } from '../../support/object-store.ts';
import { ownFolder } from '../../support/own-folder.ts';

let folder: ReturnType<typeof ownFolder>;
let server: ObjectStore;
const open: S3Store[] = [];
const never = new AbortController().signal;

beforeEach(async () => {
  folder = ownFolder();
  mkdirSync(path.join(folder.path, 'server'));
  server = await ObjectStore.start(path.join(folder.path, 'server'));
});

afterEach(async () => {
  for (const opened of open.splice(0)) opened.close();
  await server.stop();
  folder[Symbol.dispose]();
});

function openStore(): S3Store {
  const settings = {
    url: `s3://${BUCKET}/calls`,
    bucket: BUCKET,
    endpoint: server.endpoint,
    key: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    forcePathStyle: true,
    presignedSeconds: 60,
  };
  const opened = new S3Store(settings, path.join(folder.path, 'uploads'));
  open.push(opened);
  return opened;
}

async function stores(store: S3Store, name: string, bytes: number): Promise<void> {
  const file = madeFile(path.join(folder.path, name), bytes);
  await store.put(`s3://${BUCKET}/calls/${name}`, file, 'audio/wav', never);
  expect(server.bytes(`calls/${name}`)!.equals(readFileSync(file.path))).toBe(true);
}

const xml = (status: number, code: string, message = ''): Fault => ({
  status,
  body: `<?xml version="1.0"?><Error><Code>${code}</Code>${message && `<Message>${message}</Message>`}</Error>`,
});
const has = ({ headers }: Seen, ...names: string[]): boolean =>
  names.some((name) => headers[name] !== undefined);

/** What stores answer to the headers, by its source. */
const STORES: Readonly<Record<string, { refuse: (seen: Seen) => Fault | undefined; missing: RegExp[] }>> = {
  'Alos-no/Cloudflare.NET PR 43: R2 refuses checksums of parts': {
    refuse: (seen) =>
      has(seen, 'x-amz-checksum-algorithm') || (seen.part !== undefined && has(seen, 'x-amz-checksum-sha256'))
        ? { status: 501, body: '<Error><Code>NotImplemented</Code></Error>' }
        : undefined,
    missing: [/^checksums of parts \(HTTP 501 NotImplemented\)$/u],
  },
  'iterate-ch/cyberduck#16107 and io7m-com/exfilac#35: B2 refuses every checksum header': {
    refuse: (seen) =>
      has(seen, 'x-amz-checksum-sha256', 'x-amz-checksum-mode', 'x-amz-checksum-algorithm')
        ? xml(400, 'InvalidArgument', 'Unsupported header &apos;x-amz-checksum-sha256&apos; received')
        : undefined,
    missing: [
      /^checksums when a file is looked up \(HTTP 400\)$/u,
      /^checksums of files \(HTTP 400 InvalidArgument: Unsupported header/u,
      /^checksums of parts \(HTTP 400 InvalidArgument: Unsupported header/u,
    ],
  },
  'root-gg/plik#508: B2 refuses the algorithm of an upload in parts': {
    refuse: (seen) => (has(seen, 'x-amz-checksum-algorithm') ? { status: 400 } : undefined),
    missing: [/^checksums of parts \(HTTP 400\)$/u],
  },
  'apache/opendal PR 4533: parts with another type of checksum': {
    refuse: (seen) =>
      seen.part !== undefined && has(seen, 'x-amz-checksum-sha256')
        ? xml(400, 'InvalidRequest', 'Checksum Type mismatch occurred')
        : undefined,
    missing: [/^checksums of parts \(HTTP 400 InvalidRequest: Checksum Type mismatch occurred\)$/u],
  },
  'awslabs/mountpoint-s3#515: the signature is wrong with headers that a gateway does not know': {
    refuse: (seen) =>
      has(seen, 'x-amz-checksum-sha256')
        ? xml(403, 'SignatureDoesNotMatch', 'The signature is wrong')
        : undefined,
    missing: [
      /^checksums of files \(HTTP 403 SignatureDoesNotMatch: The signature is wrong\)$/u,
      /^checksums of parts \(HTTP 403 SignatureDoesNotMatch/u,
    ],
  },
  'a page of a proxy in front of the store': {
    refuse: (seen) =>
      has(seen, 'x-amz-checksum-sha256')
        ? { status: 501, body: '<html><body>Method not supported</body></html>' }
        : undefined,
    missing: [/^checksums of files \(HTTP 501/u, /^checksums of parts \(HTTP 501/u],
  },
};

describe.each(Object.entries(STORES))('%s', (_, { refuse, missing }) => {
  test('files go without checksums, are read back, and are not refused again', async () => {
    let refused = 0;
    server.proxy.harm = (seen) => {
      const fault = refuse(seen);
      if (fault) refused += 1;
      return fault;
    };
    const store = openStore();
    await stores(store, 'short.wav', 1_000);
    await stores(store, 'long.wav', PART_BYTES + 5_000);
    expect(server.proxy.seen.filter(({ method }) => method === 'GET')).toHaveLength(2);
    expect(store.missing).toEqual(missing.map((each) => expect.stringMatching(each) as string));
    expect(store.missing.join()).not.toContain('UnknownError');
    expect(refused).toBeLessThanOrEqual(missing.length);
    refused = 0;
    await stores(openStore(), 'next.wav', PART_BYTES + 1);
    expect(refused).toBe(0);
  });
});

test('a refusal for another reason is reported with status, code and message, and teaches nothing', async () => {
  server.proxy.harm = ({ method }) =>
    method === 'PUT' ? xml(400, 'InvalidBucketState', 'The bucket is frozen') : undefined;
  const store = openStore();
  await expect(stores(store, 'short.wav', 1_000)).rejects.toThrow(
    'HTTP 400 InvalidBucketState: The bucket is frozen',
  );
  expect(store.missing).toEqual([]);
  server.proxy.harm = () => undefined;
  server.proxy.seen.length = 0;
  await stores(store, 'short.wav', 1_000);
  expect(server.proxy.seen.some((seen) => has(seen, 'x-amz-checksum-sha256'))).toBe(true);
});

test('an operation that the store does not have is not tried again', async () => {
  server.proxy.harm = ({ method }) => (method === 'PUT' ? { status: 501 } : undefined);
  await expect(stores(openStore(), 'short.wav', 1_000)).rejects.toThrow('HTTP 501');
  expect(server.proxy.seen.filter(({ method }) => method === 'PUT')).toHaveLength(2);
});
