import type { RequestHandler } from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { FORM_TYPE, JSON_TYPE, jsonBody, route } from '../../src/http/route.ts';
import { RouteRouter } from '../../src/http/route-router.ts';
import { LocalServer } from './local-server.ts';

const MAX_BYTES = 100;
const JSON_HEADERS = { 'content-type': JSON_TYPE };
const name = z.strictObject({ name: z.string().min(1, 'must not be empty') });
const refuse: RequestHandler = (_request, response) => void response.status(401).end();
const admit: RequestHandler = (_request, _response, next) => next();
const responses = { 200: ['Done'] } as const;
const greet = route({
  method: 'post',
  path: '/greet',
  tag: 'Server',
  summary: 'Greets',
  query: z.strictObject({ loud: z.stringbool().optional() }),
  body: jsonBody(name, MAX_BYTES),
  responses,
});

const server = new LocalServer();
afterEach(() => server.stop());

function post(body: string, path = '/greet', headers: Record<string, string> = JSON_HEADERS) {
  return server.ask(path, { method: 'POST', headers, body });
}

describe('a defined route', () => {
  const greeting = (login: RequestHandler, ...before: RequestHandler[]) =>
    new RouteRouter({ login }).add(
      greet,
      ({ query, body, response }) => void response.json({ hello: body.name, loud: query.loud }),
      ...before,
    ).router;

  test('receives its validated query and body', async () => {
    await server.start(greeting(admit));
    const response = await post('{"name":"Ann"}', '/greet?loud=yes');
    expect(await response.json()).toEqual({ hello: 'Ann', loud: true });
  });

  test.each([
    ['{"name":""}', '/greet', 'name: must not be empty.'],
    ['["Ann"]', '/greet', 'body: must be an object, and is a list.'],
    ['{"name":"Ann"}', '/greet?loud=', 'loud: must not be empty; leave it out instead.'],
  ])('refuses %s to %s', async (body, path, detail) => {
    await server.start(greeting(admit));
    const response = await post(body, path);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail });
  });

  test('does not parse a body before the request is admitted', async () => {
    await server.start(greeting(refuse));
    expect((await post('{')).status).toBe(401);
    expect((await post(JSON.stringify('x'.repeat(2 * MAX_BYTES)))).status).toBe(401);
  });

  test('limits the size of its body', async () => {
    await server.start(greeting(admit));
    expect((await post(JSON.stringify('x'.repeat(2 * MAX_BYTES)))).status).toBe(413);
  });

  test('runs further checks before it validates the request', async () => {
    await server.start(greeting(admit, (_request, response) => void response.status(409).end()));
    expect((await post('{"name":""}')).status).toBe(409);
  });

  test('cannot be added without a guard for its access', () => {
    expect(() => new RouteRouter({}).add(greet, () => undefined)).toThrow('no guard for "login"');
  });
});

test('a signed route is parsed before its signature is checked, because the signature covers the body', async () => {
  const schema = z.object({ CallSid: z.string() });
  const webhook = route({
    method: 'post',
    path: '/webhook',
    tag: 'Telephone',
    access: 'signed',
    summary: 'A webhook',
    body: { types: [FORM_TYPE], schema, maxBytes: MAX_BYTES, unchecked: true },
    responses,
  });
  const signed: RequestHandler = ({ body }, response) => void response.json(body);
  await server.start(new RouteRouter({ signed }).add(webhook, () => undefined).router);
  const response = await post('CallSid=CA1', '/webhook', { 'content-type': FORM_TYPE });
  expect(await response.json()).toEqual({ CallSid: 'CA1' });
});
