import { Router } from 'express';
import { get } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { Authenticator } from '../../../src/http/auth/authenticator.ts';
import { FailedAttemptLimiter } from '../../../src/http/auth/failed-attempt-limiter.ts';
import { requireAuth, requireAuthForPages } from '../../../src/http/auth/require-auth.ts';
import { LocalServer } from '../local-server.ts';

const server = new LocalServer();
const LINK = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

afterEach(() => server.stop());

async function statusOf(path: string, headers: Record<string, string>, apiToken?: string): Promise<number> {
  const access = { localRequests: true, ...(apiToken !== undefined && { apiToken }) };
  const authenticator = new Authenticator({ access, limit: new FailedAttemptLimiter(), now: () => 0 });
  const router = Router();
  router.get('/calls', requireAuthForPages({ authenticator }), (_request, response) =>
    response.send('the page'),
  );
  router.get('/api/calls', requireAuth({ authenticator }), (_request, response) =>
    response.json({ calls: [] }),
  );
  await server.start(router);
  // Not `fetch`: it sends its own `Sec-Fetch-Mode`.
  return new Promise((resolve, reject) => {
    get(server.urlOf(path), { headers }, (answer) => resolve(answer.resume().statusCode ?? 0)).on(
      'error',
      reject,
    );
  });
}

test.each([
  ['an image, a script or a player', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ['a page on another port', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }],
  ['a script that names its origin', { origin: 'https://elsewhere.example' }],
  ['a page without an origin', { origin: 'null' }],
  ['a frame', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
])('without a password, %s of another site is refused data and pages', async (_, headers) => {
  expect(await statusOf('/api/calls', headers)).toBe(403);
  await server.stop();
  expect(await statusOf('/calls', headers)).toBe(403);
});

test('a link on another site opens a page, but no data', async () => {
  const headers = { ...LINK, 'sec-fetch-site': 'cross-site' };
  expect(await statusOf('/calls', headers)).toBe(200);
  await server.stop();
  expect(await statusOf('/api/calls', headers)).toBe(403);
});

test.each(['same-origin', 'none'])('our own pages and typed addresses (%s) get data', async (site) => {
  expect(await statusOf('/api/calls', { 'sec-fetch-site': site })).toBe(200);
});

test('the API token is accepted whatever headers the browser sends', async () => {
  const headers = { 'sec-fetch-site': 'cross-site', authorization: 'Bearer right' };
  expect(await statusOf('/api/calls', headers, 'right')).toBe(200);
});
