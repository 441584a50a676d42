import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type PrefixProxy, startPrefixProxy } from '../doubles/prefix-proxy.ts';
import { builtPages } from '../support/built-pages.ts';
import { Offhook } from '../support/test-server.ts';

const PASSWORD = 'correct horse';
const CALL = `/calls/CA${'0'.repeat(32)}`;

let proxy: PrefixProxy;
let offhook: Offhook;
beforeAll(async () => {
  proxy = await startPrefixProxy('/offhook');
  const settings = { PUBLIC_URL: proxy.url, ADMIN_PASSWORD: PASSWORD };
  offhook = await Offhook.start(settings, { catalogue: true, pages: builtPages() });
  proxy.leadTo(offhook.port);
});
afterAll(async () => {
  await proxy.close();
  await offhook.close();
});

/** Logs in below the prefix, as the page does; the session's cookie. */
async function logIn(): Promise<string> {
  const headers = { 'content-type': 'application/json', origin: new URL(proxy.url).origin };
  const body = JSON.stringify({ password: PASSWORD });
  const response = await fetch(`${proxy.url}/login`, { method: 'POST', headers, body });
  expect(response.status).toBe(204);
  return response.headers.get('set-cookie')!.split(';')[0]!;
}

test.each([
  ['/phone', '/phone'],
  [`${CALL}?turn=1`, `${CALL}?turn=1`],
])('a page without a login leads to the login below the prefix: %s', async (path, to) => {
  const response = await fetch(proxy.url + path, { redirect: 'follow' });
  const landed = new URL(response.url);
  expect(landed.origin + landed.pathname).toBe(`${proxy.url}/login`);
  expect(landed.searchParams.get('to')).toBe(to);
  expect(response.status).toBe(200);
});

test.each(['/', '/phone', '/calls', CALL, '/docs', '/redoc', '/login', '/none/of/these'])(
  'all assets of %s are found below the prefix',
  async (path) => {
    const headers = { cookie: await logIn(), accept: 'text/html' };
    const page = await fetch(proxy.url + path, { headers });
    const assets = [...(await page.text()).matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, to]) => to!);
    expect(assets.length).toBeGreaterThan(2);
    for (const asset of assets) {
      const address = new URL(asset, page.url).href;
      expect(address.startsWith(`${proxy.url}/assets/`)).toBe(true);
      expect((await fetch(address)).status).toBe(200);
    }
  },
);

test('sockets and data are reached below the prefix with the login', async () => {
  const cookie = await logIn();
  expect((await fetch(`${proxy.url}/api/calls`, { headers: { cookie } })).status).toBe(200);
  const socket = new WebSocket(`${proxy.url.replace('http', 'ws')}/calls/live`, {
    headers: { cookie, origin: new URL(proxy.url).origin },
  });
  await once(socket, 'open');
  socket.terminate();
});

test('the same server is reached directly, without the prefix', async () => {
  const response = await fetch(`${offhook.url}/phone`);
  expect(new URL(response.url).pathname).toBe('/login');
  const [, script = ''] = /src="([^"]+)"/.exec(await response.text()) ?? [];
  expect((await fetch(new URL(script, response.url))).status).toBe(200);
});
