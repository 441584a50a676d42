import { Router } from 'express';
import { afterEach, expect, test } from 'vitest';
import { LocalServer } from '../http/local-server.ts';
import { problem } from '../http/problem.ts';

const server = new LocalServer();

afterEach(() => server.stop());

test('a programming error gives the client a sentence and the log a line', async () => {
  const router = Router();
  router.get('/broken', () => {
    throw new Error('PRIVATE detail');
  });
  await server.start(router);
  const response = await server.ask('/broken');
  const body = await response.text();
  expect([response.status, response.headers.get('content-type')]).toEqual([
    500,
    'application/problem+json; charset=utf-8',
  ]);
  expect(body).not.toMatch(/PRIVATE|\.ts/);
  expect(server.logged).toHaveLength(1);
  expect(server.logged[0]).toContain('PRIVATE detail');
});

test('unknown and malformed paths are answered with a sentence', async () => {
  await server.start(Router());
  for (const [path, status] of [['/nowhere', 404] as const, ['/%E0%A4%A', 404] as const]) {
    const response = await server.ask(path);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual(problem(404, expect.stringMatching(/^[A-Z].*\.$/)));
  }
});

test('every response carries the security headers', async () => {
  await server.start(Router());
  const { headers } = await server.ask('/nowhere');
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
});
