import express from 'express';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type HandshakeRefusal, mountWebSockets } from '../../../src/http/sockets/websocket-routes.ts';

let server: Server;
afterEach(() => server.close());

/** The response to a handshake with a route that refuses it. */
async function refused(
  refusal: HandshakeRefusal,
): Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: string }> {
  const app = express();
  server = createServer(app);
  const route = { path: '/socket', maxMessageBytes: 1_000, refusal: () => refusal, open: () => undefined };
  mountWebSockets(app, server, [route], { refused: () => undefined, opened: () => undefined });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const headers = {
      ...{ connection: 'Upgrade', upgrade: 'websocket' },
      ...{ 'sec-websocket-version': '13', 'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==' },
    };
    const sent = request({ host: '127.0.0.1', port, path: '/socket', headers }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

it('a WebSocket that a rate limit refuses gets 429 with the time to wait', async () => {
  const answer = await refused({ status: 429, sentence: 'Too many requests.', waitSeconds: 17 });
  expect([answer.status, answer.headers['retry-after']]).toEqual([429, '17']);
  expect(answer.body).toContain('Too many requests.');
});

it('a WebSocket that is refused for good gets no time to wait', async () => {
  const answer = await refused({ status: 401, sentence: 'Log in first.' });
  expect([answer.status, answer.headers['retry-after']]).toEqual([401, undefined]);
});
