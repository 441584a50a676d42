import { Router } from 'express';
import { afterEach, describe, expect, test } from 'vitest';
import { ALL_ROUTES } from '../../src/app/openapi/all-routes.ts';
import { methodNotAllowed } from '../../src/http/method-not-allowed.ts';
import { LocalServer } from './local-server.ts';
import { problem } from './problem.ts';

const server = new LocalServer();
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

afterEach(() => server.stop());

/** Every path that there is, with something in place of its parameters, and what it knows. */
function paths(): [address: string, methods: string[]][] {
  return [...new Set(ALL_ROUTES.map(({ path }) => path))].map((path) => [
    path.replace(/:\w+/gu, 'x'),
    ALL_ROUTES.filter((route) => route.path === path).map(({ method }) => method.toUpperCase()),
  ]);
}

describe('a method that a path does not support', () => {
  test.each(paths())('%s supports %j and says so', async (address, known) => {
    await server.start(methodNotAllowed(ALL_ROUTES));
    for (const method of METHODS) {
      const answer = await server.ask(address, { method });
      const body: unknown = await answer.json();
      if (known.includes(method)) {
        expect(answer.status).toBe(404);
        continue;
      }
      const allowed = answer.headers.get('allow')!.split(', ');
      expect(allowed.filter((one) => one !== 'HEAD').sort()).toEqual(known.toSorted());
      expect(allowed.includes('HEAD')).toBe(known.includes('GET'));
      expect(body).toEqual(problem(405, `This address takes ${allowed.join(', ')}, and no ${method}.`));
    }
  });

  test('is HEAD without GET; with GET it is supported', async () => {
    await server.start(methodNotAllowed(ALL_ROUTES));
    expect((await server.ask('/logout', { method: 'HEAD' })).status).toBe(405);
    expect((await server.ask('/health', { method: 'HEAD' })).status).toBe(404);
    expect((await server.ask('/nowhere', { method: 'POST' })).status).toBe(404);
  });

  test('does not affect the supported methods', async () => {
    const router = Router();
    router.get('/health', (_request, response) => void response.json({}));
    await server.start(router, methodNotAllowed(ALL_ROUTES));
    expect((await server.ask('/health')).status).toBe(200);
    expect((await server.ask('/health', { method: 'HEAD' })).status).toBe(200);
    expect((await server.ask('/health', { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD');
  });
});
