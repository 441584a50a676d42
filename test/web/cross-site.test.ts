import { get } from 'node:http';
import { Router } from 'express';
import { afterEach, expect, test } from 'vitest';
import { Doorkeeper } from '../../src/web/doorkeeper.ts';
import { guard, pageGuard } from '../../src/web/guard.ts';
import { UnprovedLimit } from '../../src/web/unproved-limit.ts';
import { LocalServer } from './local-server.ts';

const server = new LocalServer();
const LINK = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

afterEach(() => server.stop());

async function statusOf(path: string, headers: Record<string, string>, apiToken?: string): Promise<number> {
  const access = { localRequests: true, ...(apiToken !== undefined && { apiToken }) };
  const doorkeeper = new Doorkeeper({ access, limit: new UnprovedLimit(), now: () => 0 });
  const router = Router();
  router.get('/calls', pageGuard({ doorkeeper }), (_request, response) => response.send('the page'));
  router.get('/api/calls', guard({ doorkeeper }), (_request, response) => response.json({ calls: [] }));
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
])('without a password, %s of another site gets neither data nor pages', async (_, headers) => {
  expect(await statusOf('/api/calls', headers)).toBe(403);
  await server.stop();
  expect(await statusOf('/calls', headers)).toBe(403);
});

test('a link on another site opens a page, and no data', async () => {
  const headers = { ...LINK, 'sec-fetch-site': 'cross-site' };
  expect(await statusOf('/calls', headers)).toBe(200);
  await server.stop();
  expect(await statusOf('/api/calls', headers)).toBe(403);
});

test.each(['same-origin', 'none'])('our own pages and typed addresses (%s) get data', async (site) => {
  expect(await statusOf('/api/calls', { 'sec-fetch-site': site })).toBe(200);
});

test('the API token admits whatever the browser says', async () => {
  const headers = { 'sec-fetch-site': 'cross-site', authorization: 'Bearer right' };
  expect(await statusOf('/api/calls', headers, 'right')).toBe(200);
});
