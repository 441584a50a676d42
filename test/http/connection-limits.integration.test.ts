import express from 'express';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { allowUpload, bodyLimits } from '../../src/http/body-limits.ts';
import { connectionLimit, descriptorLimit } from '../../src/http/descriptor-limit.ts';
import { type ConnectionLimits, createLimitedServer, TIME_LIMITS } from '../../src/http/limited-server.ts';

/** So long that they end no test. */
const NEVER_MS = 600_000;
const NONE: ConnectionLimits = {
  ...{ headersMs: NEVER_MS, smallBodyMs: NEVER_MS, uploadIdleMs: NEVER_MS, uploadMs: NEVER_MS },
  ...{ keepAliveMs: NEVER_MS, checkEveryMs: 20, connections: 100 },
};
const SOON_MS = 100;

let server: Server;
const sockets: Socket[] = [];

async function start(limits: Partial<ConnectionLimits>): Promise<void> {
  const all = { ...NONE, ...limits };
  const app = express();
  server = createLimitedServer(app, all);
  app.use(bodyLimits(all));
  app.post('/refused', (_, response) => void response.status(403).send('refused'));
  app.use(['/upload', '/too-large'], allowUpload);
  app.post('/too-large', (_, response) => void response.status(413).send('too large'));
  app.use(express.text({ type: '*/*' }));
  app.use((request, response) => void response.send(`got ${String(request.body ?? 'nothing')}`));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
}

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  server.close();
});

/** A connection on which so much is sent and nothing more. */
function opened(text: string): Connection {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  socket.write(text);
  return new Connection(socket);
}

class Connection {
  readonly socket: Socket;
  readonly ended: Promise<string>;
  #text = '';

  constructor(socket: Socket) {
    this.socket = socket.setEncoding('utf8');
    socket.on('data', (text: string) => (this.#text += text)).on('error', () => undefined);
    this.ended = new Promise((resolve) => socket.once('close', () => resolve(this.#text)));
  }

  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#text)) await new Promise((resolve) => this.socket.once('data', resolve));
    return this.#text;
  }
}

const POST = (path: string, headers: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: here\r\nContent-Type: text/plain\r\n${headers}\r\n\r\n`;
const GET = 'GET / HTTP/1.1\r\nHost: here\r\n\r\n';

describe('a connection is closed', () => {
  test('if it sends nothing', async () => {
    await start({ headersMs: SOON_MS });
    expect(await opened('').ended).toMatch(/^(HTTP\/1\.1 408|$)/u);
  });

  test('if its headers are not completed', async () => {
    await start({ headersMs: SOON_MS });
    expect(await opened('GET / HTTP/1.1\r\nHost: h').ended).toContain('HTTP/1.1 408');
  });

  test.each(['Content-Length: 100', 'Transfer-Encoding: chunked'])(
    'if its small body is not completed (%s)',
    async (header) => {
      await start({ smallBodyMs: SOON_MS });
      const answer = await opened(`${POST('/form', header)}5\r\nab`).ended;
      expect(answer).toContain('HTTP/1.1 408');
      expect(answer).toContain('did not arrive in time');
    },
  );

  test('if its upload pauses', async () => {
    await start({ uploadIdleMs: SOON_MS });
    expect(await opened(`${POST('/upload', 'Content-Length: 100')}abc`).ended).toContain('HTTP/1.1 408');
  });

  test.each(['/refused', '/too-large'])(
    'soon after the response, if the body of a request to %s still arrives',
    async (address) => {
      await start({ smallBodyMs: SOON_MS });
      const refused = opened(POST(address, 'Content-Length: 100'));
      await refused.until(/HTTP\/1\.1 4/u);
      refused.socket.write('a');
      expect(await refused.ended).toMatch(/HTTP\/1\.1 4(03|13)/u);
    },
  );

  test('if it exceeds the limit, while the others are served', async () => {
    await start({ connections: 1 });
    const first = opened(GET);
    await first.until(/got/u);
    expect(await opened(GET).ended).toBe('');
    first.socket.write(GET);
    await first.until(/got[^]*got/u);
  });
});

test('an upload may take longer than a small body', async () => {
  await start({ smallBodyMs: SOON_MS });
  const upload = opened(`${POST('/upload', 'Content-Length: 4')}ab`);
  await opened(`${POST('/form', 'Content-Length: 4')}ab`).ended;
  upload.socket.write('cd');
  expect(await upload.until(/got/u)).toContain('got abcd');
});

test('an idle connection survives the limit for headers, and its next request is answered', async () => {
  await start({ headersMs: SOON_MS });
  const idle = opened(GET);
  await idle.until(/got/u);
  await opened('').ended;
  await opened('').ended;
  idle.socket.write(GET);
  expect(await idle.until(/got[^]*got/u)).toContain('Keep-Alive: timeout=600');
});

test('idle connections are kept longer than proxies reuse them, and headers have 15 s', async () => {
  await start(TIME_LIMITS);
  expect(await opened(GET).until(/got/u)).toContain('Keep-Alive: timeout=75');
  expect(server.headersTimeout).toBe(15_000);
});

describe('the limit of connections', () => {
  const PROC =
    'Limit  Soft Limit  Hard Limit  Units\nMax open files            4096                 8192    files\n';

  test.each([
    [() => PROC, 4_096],
    [() => PROC.replace('4096', 'unlimited'), Infinity],
    [() => 'something else', 1_024],
    [
      () => {
        throw new Error('there is no /proc');
      },
      1_024,
    ],
  ])('depends on the limit of descriptors (%#)', (read, expected) => {
    expect(descriptorLimit(read)).toBe(expected);
  });

  test.each([
    [1_024, 512],
    [4_096, 2_048],
    [1_048_576, 10_000],
    [Infinity, 10_000],
  ])('leaves descriptors for journals and services: of %d it takes %d', (descriptors, connections) => {
    expect(connectionLimit(descriptors)).toBe(connections);
  });
});
