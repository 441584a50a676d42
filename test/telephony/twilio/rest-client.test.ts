import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { ServiceError } from '../../../src/call/ports.ts';
import { TwilioRestClient } from '../../../src/telephony/twilio/rest-client.ts';

const CALL = 'CA0123456789abcdef0123456789abcdef';
const ACCOUNT = 'AC0123456789abcdef0123456789abcdef';
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Asked {
  readonly line: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** A server on this machine that answers every request alike and remembers them. */
async function apiThatAnswers(status: number, body: object) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void text(request).then((sent) => {
      const { method = '', url = '', headers } = request;
      asked.push({ line: `${method} ${url}`, authorization: headers.authorization, body: sent });
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const apiBaseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, client: new TwilioRestClient({ accountSid: ACCOUNT, authToken: 'secret', apiBaseUrl }) };
}

test('a hang-up completes the call at the configured address with the account’s credentials', async () => {
  const { asked, client } = await apiThatAnswers(200, { sid: CALL, status: 'completed' });
  await client.hangUp(CALL);
  expect(asked).toEqual([
    {
      line: `POST /2010-04-01/Accounts/${ACCOUNT}/Calls/${CALL}.json`,
      authorization: `Basic ${Buffer.from(`${ACCOUNT}:secret`).toString('base64')}`,
      body: 'Status=completed',
    },
  ]);
});

test('a call that has already ended counts as hung up', async () => {
  const { asked, client } = await apiThatAnswers(400, {
    code: 21220,
    message: 'not in-progress',
    status: 400,
  });
  await expect(client.hangUp(CALL)).resolves.toBeUndefined();
  expect(asked).toHaveLength(1);
});

test.each([
  [500, true],
  [429, true],
  [401, false],
  [404, false],
])('an answer of %i is a telephony error, transient: %s', async (status, transient) => {
  const { client } = await apiThatAnswers(status, { code: 20000, message: 'no', status });
  const error: unknown = await client.hangUp(CALL).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ServiceError);
  expect(error).toMatchObject({ service: 'telephony', transient });
});

test('an unreachable server is a transient telephony error', async () => {
  const { client } = await apiThatAnswers(200, {});
  const server = servers.splice(0)[0];
  await new Promise((closed) => server?.close(closed));
  await expect(client.hangUp(CALL)).rejects.toMatchObject({ service: 'telephony', transient: true });
});

test.each([
  [
    401,
    { code: 20003, message: 'Authenticate', status: 401 },
    /^Twilio rejects .* \(error 20003\): calls are refused/,
  ],
  [200, { sid: ACCOUNT, status: 'suspended' }, /^the account at Twilio is suspended$/],
  [503, { message: 'Unavailable', status: 503 }, /^Twilio answers 503: .*Unavailable$/],
  [500, {}, /^Twilio answers 500: no reason given$/],
])('the check of an account fails with a sentence: %i %o', async (status, body, sentence) => {
  const { client } = await apiThatAnswers(status, body);
  await expect(client.check()).rejects.toThrow(sentence);
});

test.each([
  [200, { sid: ACCOUNT, status: 'active' }],
  // A simulator at TWILIO_API_BASE_URL.
  [404, { message: 'Not found', status: 404 }],
])('the check of an account passes: %i %o', async (status, body) => {
  const { client, asked } = await apiThatAnswers(status, body);
  await client.check();
  expect(asked.map(({ line }) => line)).toEqual([`GET /2010-04-01/Accounts/${ACCOUNT}.json`]);
});
