import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { sendThrough } from '../../src/proxy/http-client.ts';
import type { HttpResponse } from '../../src/proxy/http-response.ts';

const TEXT = 'Are you open on Saturday? '.repeat(500);
const send = sendThrough(undefined);
const never = new AbortController().signal;
const servers: Server[] = [];

interface Seen {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

/** A server that answers each request, and what it was asked. */
async function serverWith(answer: (response: ServerResponse, seen: Seen) => void) {
  const asked: Seen[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const { url = '', method = '', headers } = request;
      const seen = { path: url, method, headers, body: body.toString() };
      asked.push(seen);
      answer(response, seen);
    });
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, asked, connections: () => connections };
}

function post(origin: string, path = '/v1/speak', signal = never): Promise<HttpResponse> {
  const headers = { 'content-type': 'text/plain', authorization: 'Bearer key', 'api-key': 'key' };
  return send({ method: 'POST', origin, path, headers, body: 'Hello.', signal });
}

async function textOf({ body }: HttpResponse): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body ?? []) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe('a response', () => {
  test.each([
    ['gzip', gzipSync(TEXT)],
    ['x-gzip', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
    ['gzip, BR', brotliCompressSync(gzipSync(TEXT))],
    ['identity', Buffer.from(TEXT)],
    ['unknown', Buffer.from(TEXT)],
  ])('with the content encoding %s is read as its text', async (encoding, bytes) => {
    const { origin } = await serverWith((response) => {
      response.writeHead(200, { 'content-encoding': encoding, 'x-rate': ['8000', '16000'] });
      response.write(bytes.subarray(0, 20));
      setImmediate(() => response.end(bytes.subarray(20)));
    });
    const response = await post(origin);
    expect(response.headers.get('X-Rate')).toBe('8000, 16000');
    expect(response.headers.get('x-other')).toBeNull();
    expect(await textOf(response)).toBe(TEXT);
  });

  test('that is damaged in its encoding is an error', async () => {
    const { origin } = await serverWith((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip at all');
    });
    await expect(post(origin).then(textOf)).rejects.toMatchObject({ code: 'Z_DATA_ERROR' });
  });

  test('that is larger than what is read of it waits in the connection, and arrives completely', async () => {
    const size = 20 * 1024 * 1024;
    let isWritten = false;
    const { origin } = await serverWith((response) => {
      response.writeHead(200).end(Buffer.alloc(size, 7), () => (isWritten = true));
    });
    const response = await post(origin);
    let length = 0;
    let wasHeldBack = false;
    for await (const bytes of response.body ?? []) {
      if (length === 0) {
        for (let turn = 0; turn < 500; turn += 1) await new Promise((next) => setImmediate(next));
        wasHeldBack = !isWritten;
      }
      length += bytes.length;
    }
    expect({ length, wasHeldBack }).toEqual({ length: size, wasHeldBack: true });
  });

  test('whose connection breaks within the body is an error with its code', async () => {
    const { origin } = await serverWith((response) => {
      response.writeHead(200).write('Are you', () => response.destroy());
    });
    await expect(post(origin).then(textOf)).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:UND_ERR_SOCKET|ECONNRESET)$/) as string,
    });
  });

  test('that was read leaves its connection to the next request; one that is not read to its end closes it', async () => {
    const { origin, connections } = await serverWith((response, { path }) => {
      response.writeHead(200).write('Are you');
      if (path === '/read') response.end();
    });
    for (let request = 0; request < 3; request += 1) {
      await textOf(await post(origin, '/read'));
      // A connection is taken back one turn of the event loop after its response.
      await new Promise((next) => setImmediate(next));
    }
    expect(connections()).toBe(1);
    for await (const _ of (await post(origin, '/left')).body ?? []) break;
    await textOf(await post(origin, '/read'));
    expect(connections()).toBeGreaterThan(1);
  });
});

describe('a redirection', () => {
  test('307 repeats the request, elsewhere without the key', async () => {
    const other = await serverWith((response) => response.end('there'));
    const { origin, asked } = await serverWith((response, { path }) => {
      const location = path === '/v1/speak' ? '/v2/speak' : `${other.origin}/speak`;
      response.writeHead(307, { location }).end();
    });
    expect(await textOf(await post(origin))).toBe('there');
    expect(asked.map(({ path, headers }) => [path, headers.authorization, headers['api-key']])).toEqual([
      ['/v1/speak', 'Bearer key', 'key'],
      ['/v2/speak', 'Bearer key', 'key'],
    ]);
    expect(other.asked).toMatchObject([{ method: 'POST', body: 'Hello.' }]);
    const { headers } = other.asked[0]!;
    expect([headers.authorization, headers['api-key']]).toEqual([undefined, undefined]);
    expect(headers['content-type']).toBe('text/plain');
  });

  test('without an end is an error', async () => {
    const { origin } = await serverWith((response) =>
      response.writeHead(307, { location: '/v1/speak' }).end(),
    );
    await expect(post(origin)).rejects.toThrow(/loop/i);
  });
});

describe('a request', () => {
  test('that is aborted before its response ends at once with the reason', async () => {
    const { origin, asked } = await serverWith(() => {});
    const abort = new AbortController();
    const response = post(origin, '/v1/speak', abort.signal);
    while (asked.length === 0) await new Promise((next) => setImmediate(next));
    abort.abort(new Error('the caller goes on'));
    await expect(response).rejects.toThrow('the caller goes on');
  });

  test('that is aborted while it connects ends at once, too, and one that was aborted before is not sent', async () => {
    const abort = new AbortController();
    // An address for documentation: nothing answers.
    const response = post('http://192.0.2.1:9', '/', abort.signal);
    abort.abort(new Error('the caller goes on'));
    await expect(response).rejects.toThrow('the caller goes on');
    await expect(post('http://192.0.2.1:9', '/', abort.signal)).rejects.toThrow('the caller goes on');
  });

  test('that is aborted within its response ends the body with the reason', async () => {
    const { origin } = await serverWith((response) => response.writeHead(200).write('Are you'));
    const abort = new AbortController();
    const { body } = await post(origin, '/', abort.signal);
    const read = (async () => {
      for await (const _ of body ?? []) abort.abort(new Error('the caller goes on'));
    })();
    await expect(read).rejects.toThrow('the caller goes on');
  });

  test.each([
    [
      'HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK',
      'OK',
    ],
    ['HTTP/1.0 200 OK\r\n\r\nOK', 'OK'],
  ])('is answered by %j', async (wire, text) => {
    const server = createTcpServer((socket) => socket.once('data', () => socket.end(wire)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const response = await post(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect([response.status, await textOf(response)]).toEqual([200, text]);
    server.close();
  });

  test('to a port where nothing listens fails with the root cause', async () => {
    await expect(post('http://127.0.0.1:1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
