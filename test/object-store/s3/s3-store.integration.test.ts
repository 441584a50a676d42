import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PART_BYTES } from '../../../src/object-store/s3/file-digests.ts';
import { S3Store } from '../../../src/object-store/s3/s3-store.ts';
import type { StoreSettings } from '../../../src/settings/settings.ts';
import type { Fault, Seen } from '../../support/faulty-proxy.ts';
import { madeFile } from '../../support/made-file.ts';
import { BUCKET, ObjectStore } from '../../support/object-store.ts';
import { ownFolder } from '../../support/own-folder.ts';

const NAME = 'call_CA1_conversation.wav';
const URL_OF_IT = `s3://${BUCKET}/calls/${NAME}`;
const KEY = `calls/${NAME}`;

let folder: ReturnType<typeof ownFolder>;
let server: ObjectStore;
let store: S3Store;
const open: S3Store[] = [];

function settings(): StoreSettings {
  return {
    url: `s3://${BUCKET}/calls`,
    bucket: BUCKET,
    endpoint: server.endpoint,
    // As settings are.
    key: Object.freeze({ accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }),
    forcePathStyle: true,
    presignedSeconds: 60,
  };
}

function openStore(): S3Store {
  const opened = new S3Store(settings(), uploads());
  open.push(opened);
  return opened;
}

const uploads = (): string => path.join(folder.path, 'uploads');
const at = (name: string): string => path.join(folder.path, name);
const never = new AbortController().signal;
const put = (file = madeFile(at(NAME), 1_000)) => store.put(URL_OF_IT, file, 'audio/wav', never);
const savedAs = (fileName: string) =>
  ({ fileName, contentType: 'audio/wav', disposition: 'attachment' }) as const;
const partsSeen = () => server.proxy.seen.flatMap(({ part }) => part ?? []);
/** Harms the first requests of a kind, `times` of them. */
function harm(which: (seen: Seen) => boolean, fault: Fault, times = Infinity): void {
  let left = times;
  server.proxy.harm = (seen) => (which(seen) && left-- > 0 ? fault : undefined);
}
const isPut = ({ method }: Seen) => method === 'PUT';

beforeEach(async () => {
  folder = ownFolder();
  mkdirSync(at('server'));
  server = await ObjectStore.start(at('server'));
  store = openStore();
});

afterEach(async () => {
  for (const opened of open.splice(0)) opened.close();
  await server.stop();
  folder[Symbol.dispose]();
});

describe('S3Store', () => {
  test('stores a file unchanged, and an empty one', async () => {
    await put();
    expect(server.bytes(KEY)).toEqual(readFileSync(at(NAME)));
    await put(madeFile(at('empty'), 0));
    expect(server.bytes(KEY)).toEqual(Buffer.alloc(0));
  });

  test('stores a large file in parts, with every byte in place', async () => {
    await put(madeFile(at(NAME), 2 * PART_BYTES + 12_345));
    expect(server.bytes(KEY)!.equals(readFileSync(at(NAME)))).toBe(true);
    expect(partsSeen()).toEqual([1, 2, 3]);
    expect(readdirSync(uploads())).toEqual([]);
  });

  test('does not upload an existing file again', async () => {
    await put();
    server.proxy.seen.length = 0;
    await put();
    expect(server.proxy.seen.filter(isPut)).toEqual([]);
  });

  test('replaces another file of the same length', async () => {
    await put();
    await put(madeFile(at('other'), 1_000, 2));
    expect(server.bytes(KEY)).toEqual(readFileSync(at('other')));
  });

  test('detects one wrong bit in the stored file, and repairs it at the next attempt', async () => {
    const file = madeFile(at(NAME), 200_000);
    harm(isPut, 'corrupt', 1);
    await expect(put(file)).rejects.toThrow("the store's copy is not what was sent");
    expect(server.bytes(KEY)!.equals(readFileSync(at(NAME)))).toBe(false);
    await put(file);
    expect(server.bytes(KEY)!.equals(readFileSync(at(NAME)))).toBe(true);
  });

  test('detects one wrong bit in one of many parts', async () => {
    const file = madeFile(at(NAME), 2 * PART_BYTES);
    harm(({ part }) => part === 2, 'corrupt', 1);
    await expect(put(file)).rejects.toThrow("the store's copy is not what was sent");
    await put(file);
    expect(server.bytes(KEY)!.equals(readFileSync(at(NAME)))).toBe(true);
  });

  test("accepts the server's own SHA-256 as proof, and reads nothing back", async () => {
    const file = madeFile(at(NAME), 1_000);
    const sum = Buffer.from(file.sha256, 'hex').toString('base64');
    let isSent = false;
    server.proxy.harm = ({ method }) => {
      isSent ||= method === 'PUT';
      return method === 'HEAD' && isSent ? { addHeaders: { 'x-amz-checksum-sha256': sum } } : undefined;
    };
    await put(file);
    expect(server.proxy.seen.map(({ method }) => method)).toEqual(['HEAD', 'PUT', 'HEAD']);
  });

  test('does not accept a wrong SHA-256 of the server', async () => {
    const file = madeFile(at(NAME), 1_000);
    harm(({ method }) => method === 'HEAD', {
      addHeaders: { 'x-amz-checksum-sha256': Buffer.alloc(32).toString('base64') },
    });
    await put(file);
    expect(server.proxy.seen.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  test('signs the body, so that a server that verifies it refuses another one', async () => {
    const file = madeFile(at(NAME), 1_000);
    await put(file);
    const sent = server.proxy.seen.find(isPut)!;
    expect(sent.headers['x-amz-content-sha256']).toBe(file.sha256);
    expect(sent.headers['x-amz-checksum-sha256']).toBe(Buffer.from(file.sha256, 'hex').toString('base64'));
    expect(sent.headers['content-length']).toBe('1000');
  });

  test('sends a part again after a broken connection or a 503', async () => {
    for (const fault of ['cut', { status: 503 }] as const) {
      server.proxy.seen.length = 0;
      harm(({ part }) => part === 2, fault, 2);
      await put(madeFile(at(NAME), 3 * PART_BYTES, typeof fault === 'string' ? 1 : 2));
      expect(partsSeen()).toEqual([1, 2, 2, 2, 3]);
      expect(server.bytes(KEY)!.equals(readFileSync(at(NAME)))).toBe(true);
    }
  });

  test('refuses a file that is not the expected one', async () => {
    const file = madeFile(at(NAME), 1_000);
    writeFileSync(at(NAME), 'damaged');
    await expect(put(file)).rejects.toThrow('the file on disk has changed');
    expect(server.keys('calls')).toEqual([]);
  });

  test('continues with the missing parts after its process was killed', async () => {
    const file = madeFile(at(NAME), 5 * PART_BYTES + 7);
    const reached = new Promise<void>((resolve) => {
      server.proxy.harm = ({ part }) => {
        if (part === 4) resolve();
        return part === 4 ? 'stall' : undefined;
      };
    });
    const script = path.join(import.meta.dirname, 'upload-process.ts');
    const told = [JSON.stringify(settings()), uploads(), URL_OF_IT, JSON.stringify(file)];
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...told], { stdio: 'inherit' });
    await reached;
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(server.bytes(KEY)).toBeUndefined();
    server.proxy.harm = () => undefined;
    server.proxy.seen.length = 0;
    await put(file);
    expect(partsSeen()).toEqual([4, 5, 6]);
    expect(server.bytes(KEY)!.equals(readFileSync(at(NAME)))).toBe(true);
    expect(readdirSync(uploads())).toEqual([]);
  });

  test('starts anew if the file has changed', async () => {
    harm(({ part }) => part === 2, { status: 403 });
    await expect(put(madeFile(at(NAME), 2 * PART_BYTES, 1))).rejects.toThrow();
    server.proxy.harm = () => undefined;
    server.proxy.seen.length = 0;
    await put(madeFile(at(NAME), 2 * PART_BYTES, 2));
    expect(partsSeen()).toEqual([1, 2]);
    expect(server.bytes(KEY)!.equals(readFileSync(at(NAME)))).toBe(true);
  });

  test('starts anew if the server has lost the upload', async () => {
    harm(({ part }) => part === 2, { status: 403 });
    const file = madeFile(at(NAME), 2 * PART_BYTES);
    await expect(put(file)).rejects.toThrow();
    harm(({ part }) => part === 2, { status: 404, body: '<Error><Code>NoSuchUpload</Code></Error>' });
    await expect(put(file)).rejects.toThrow();
    server.proxy.harm = () => undefined;
    server.proxy.seen.length = 0;
    await put(file);
    expect(partsSeen()).toEqual([1, 2]);
  });

  test('gives up an upload that can never be completed', async () => {
    const isCompletion = ({ method, url }: Seen) => method === 'POST' && url.includes('uploadId');
    const file = madeFile(at(NAME), 2 * PART_BYTES);
    harm(isCompletion, { status: 403 });
    for (let tries = 0; tries < 3; tries += 1) await expect(put(file)).rejects.toThrow();
    expect(partsSeen()).toEqual([1, 2]);
    server.proxy.harm = () => undefined;
    await put(file);
    expect(partsSeen()).toEqual([1, 2, 1, 2]);
  });

  test('stops at once on request, and continues later', async () => {
    const file = madeFile(at(NAME), 2 * PART_BYTES);
    const abort = new AbortController();
    server.proxy.harm = ({ part }) => {
      if (part !== 2) return undefined;
      abort.abort();
      return 'stall';
    };
    await expect(store.put(URL_OF_IT, file, 'audio/wav', abort.signal)).rejects.toThrow();
    server.proxy.harm = () => undefined;
    server.proxy.seen.length = 0;
    await put(file);
    expect(partsSeen()).toEqual([2]);
  });

  test('reads a file back, and checks its content', async () => {
    const file = madeFile(at(NAME), 300_000);
    await put(file);
    const read: Uint8Array[] = [];
    for await (const bytes of store.read(URL_OF_IT)) read.push(bytes);
    expect(Buffer.concat(read).equals(readFileSync(at(NAME)))).toBe(true);
    expect(await store.holds(URL_OF_IT, file, never)).toBe(true);
    expect(await store.holds(URL_OF_IT, { ...file, sha256: '0'.repeat(64) }, never)).toBe(false);
    expect(await store.holds(`${URL_OF_IT}x`, file, never)).toBe(false);
    await expect(async () => {
      for await (const bytes of store.read(`${URL_OF_IT}x`)) read.push(bytes);
    }).rejects.toThrow();
  });

  test('removes a file, and reports whether it existed', async () => {
    await put();
    expect(await store.remove(URL_OF_IT)).toBe(true);
    expect(server.bytes(KEY)).toBeUndefined();
    expect(await store.remove(URL_OF_IT)).toBe(false);
  });

  test('removes the parts of an unfinished upload', async () => {
    harm(({ part }) => part === 2, { status: 403 });
    await expect(put(madeFile(at(NAME), 2 * PART_BYTES))).rejects.toThrow();
    expect(readdirSync(uploads())).toHaveLength(1);
    server.proxy.seen.length = 0;
    expect(await store.remove(URL_OF_IT)).toBe(false);
    expect(readdirSync(uploads())).toEqual([]);
    const aborts = server.proxy.seen.filter(
      ({ method, url }) => method === 'DELETE' && url.includes('uploadId'),
    );
    expect(aborts).toHaveLength(1);
  });

  test('returns links that anybody can follow, whole or in ranges, with a file name', async () => {
    await put();
    const { href, expiresAtMs } = await store.link(URL_OF_IT, savedAs('Call of Monday.wav'));
    expect(expiresAtMs - Date.now()).toBeGreaterThan(50_000);
    expect(expiresAtMs - Date.now()).toBeLessThanOrEqual(60_000);
    const whole = await fetch(href);
    expect(whole.status).toBe(200);
    expect(whole.headers.get('content-type')).toBe('audio/wav');
    expect(whole.headers.get('content-disposition')).toBe('attachment; filename="Call of Monday.wav"');
    expect(Buffer.from(await whole.arrayBuffer())).toEqual(readFileSync(at(NAME)));
    const range = await fetch(href, { headers: { range: 'bytes=100-199' } });
    expect(range.status).toBe(206);
    expect(range.headers.get('content-range')).toBe('bytes 100-199/1000');
    expect(Buffer.from(await range.arrayBuffer())).toEqual(readFileSync(at(NAME)).subarray(100, 200));
    expect((await fetch(href.replace(/Signature=\w{8}/, 'Signature=00000000'))).status).toBe(403);
  });

  test('encodes a non-ASCII file name in both ways that browsers read', async () => {
    const { href } = await store.link(URL_OF_IT, savedAs('Müller (1).wav'));
    expect(new URL(href).searchParams.get('response-content-disposition')).toBe(
      `attachment; filename="M_ller (1).wav"; filename*=UTF-8''M%C3%BCller%20%281%29.wav`,
    );
  });

  test('aborts other unfinished uploads under its prefix after a week, and not earlier', async () => {
    const upload = (key: string, days: number) =>
      `<Upload><Key>calls/${key}</Key><UploadId>of-${key}</UploadId>` +
      `<Initiated>${new Date(Date.now() - days * 86_400_000).toISOString()}</Initiated></Upload>`;
    const body = `<ListMultipartUploadsResult>${upload('call_old', 8)}${upload('call_new', 6)}</ListMultipartUploadsResult>`;
    harm(({ method, url }) => method === 'GET' && url.includes('uploads'), { status: 200, body });
    await store.tidy();
    const [listed, ...aborted] = server.proxy.seen;
    expect(listed!.url).toContain('prefix=calls%2Fcall_');
    expect(aborted.map(({ method, url }) => `${method} ${url.split('?')[0]}`)).toEqual([
      `DELETE /${BUCKET}/calls/call_old`,
    ]);
    expect(aborted[0]!.url).toContain('uploadId=of-call_old');
  });

  test('works with a server that cannot list unfinished uploads', async () => {
    await store.tidy();
    expect(server.proxy.seen).toHaveLength(1);
  });

  test('reports a server that does not answer in time, without hanging', async () => {
    harm(isPut, 'cut');
    await expect(put()).rejects.toThrow();
    expect(server.proxy.seen.filter(isPut)).toHaveLength(3);
  });
});
