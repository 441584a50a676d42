import { Router } from 'express';
import { afterEach, expect, test } from 'vitest';
import { Authenticator } from '../../../src/http/auth/authenticator.ts';
import { FailedAttemptLimiter } from '../../../src/http/auth/failed-attempt-limiter.ts';
import { requireAuthForPages } from '../../../src/http/auth/require-auth.ts';
import { FROM_ELSEWHERE, LocalServer } from '../local-server.ts';

const server = new LocalServer();

afterEach(() => server.stop());

async function statuses(given: { readonly adminPassword?: string }): Promise<ReadonlySet<number>> {
  const access = { localRequests: true, ...given };
  const authenticator = new Authenticator({ access, limit: new FailedAttemptLimiter(), now: () => 0 });
  const router = Router();
  router.get('/calls', requireAuthForPages({ authenticator }), (_request, response) =>
    response.send('the page'),
  );
  await server.start(router);
  const open = () => server.ask('/calls', { headers: FROM_ELSEWHERE, redirect: 'manual' });
  const answers = await Promise.all(Array.from({ length: 40 }, open));
  return new Set(answers.map(({ status }) => status));
}

test('a request that needs a login is redirected to it, however often', async () => {
  expect(await statuses({ adminPassword: 'correct horse' })).toEqual(new Set([303]));
});

test('a request that cannot log in is refused, and throttled', async () => {
  expect(await statuses({})).toEqual(new Set([403, 429]));
});
