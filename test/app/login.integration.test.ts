import { readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeskClient } from '../support/desk-client.ts';
import { StillClock } from '../support/still-clock.ts';
import { Offhook, type OffhookOptions } from '../support/test-server.ts';

const PASSWORD = 'correct horse';
const open: Offhook[] = [];
/** A server that every test can use: each test logs in from an address of its own. */
let offhook: Offhook;
let addresses = 0;

beforeAll(async () => {
  offhook = await start();
});
afterAll(() => Promise.all(open.map((each) => each.close())));

async function start(
  settings: Record<string, string> = { ADMIN_PASSWORD: PASSWORD },
  options: OffhookOptions = {},
): Promise<Offhook> {
  // The number of attempts must not depend on the speed of the machine.
  const server = await Offhook.start(settings, { catalogue: true, now: new StillClock().now, ...options });
  open.push(server);
  return server;
}

/** The header of requests from a remote address that no other test uses. */
function newAddress(): Readonly<Record<'x-forwarded-for', string>> {
  addresses += 1;
  return { 'x-forwarded-for': `203.0.113.${addresses}` };
}

function logIn(server: Offhook, password: string, headers: Readonly<Record<string, string>>) {
  return fetch(`${server.url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ password }),
  });
}

const browserCookieOf = (answer: Response) =>
  /offhook_browser=[^;]+/u.exec(answer.headers.get('set-cookie') ?? '')?.[0] ?? '';

const cookieOf = (answer: Response) => answer.headers.get('set-cookie')?.split(';')[0] ?? '';

it('admitted clients are limited generously, each for itself', async () => {
  const clock = new StillClock();
  const server = await start({ ADMIN_PASSWORD: PASSWORD }, { now: clock.now });
  const remote = newAddress();
  const [first, second] = [
    cookieOf(await logIn(server, PASSWORD, remote)),
    cookieOf(await logIn(server, PASSWORD, remote)),
  ];
  const get = (cookie: string) => fetch(`${server.url}/audio/formats`, { headers: { ...remote, cookie } });
  for (let round = 0; round < 20; round += 1) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => get(first)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  }
  const refused = await get(first);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  expect((await get(second)).status).toBe(200);
  clock.advance(1_000);
  expect((await get(first)).status).toBe(200);
}, 60_000);

describe('logging in', () => {
  it('sets a cookie that admits requests until the logout', async () => {
    const remote = newAddress();
    const get = (headers: Record<string, string>) => fetch(`${offhook.url}/api/calls`, { headers });
    expect((await get({})).status).toBe(401);
    const answer = await logIn(offhook, PASSWORD, remote);
    expect(answer.status).toBe(204);
    const setCookie = answer.headers.get('set-cookie') ?? '';
    expect(setCookie).toMatch(/HttpOnly/u);
    expect(setCookie).toMatch(/SameSite=Strict/u);
    expect(setCookie).not.toMatch(/Secure/u);
    const cookie = cookieOf(answer);
    expect((await get({ ...remote, cookie })).status).toBe(200);
    const session = await fetch(`${offhook.url}/api/session`, { headers: { cookie } });
    expect(await session.json()).toEqual({ admitted: true, why: 'session', loginPossible: true });
    (await DeskClient.open(offhook.url, { headers: { ...remote, cookie } })).close();
    const out = await fetch(`${offhook.url}/logout`, { method: 'POST', headers: { cookie } });
    expect(out.status).toBe(204);
    expect((await get({ ...remote, cookie })).status).toBe(401);
  });

  it('logging out closes the open sockets of that session only', async () => {
    const remote = newAddress();
    const cookies = [
      cookieOf(await logIn(offhook, PASSWORD, remote)),
      cookieOf(await logIn(offhook, PASSWORD, remote)),
    ] as const;
    const [one, other] = await Promise.all(
      cookies.map((cookie) => DeskClient.open(offhook.url, { headers: { ...remote, cookie } })),
    );
    const closed = one!.closed();
    await fetch(`${offhook.url}/logout`, { method: 'POST', headers: { cookie: cookies[0] } });
    expect(await closed).toBe(1008);
    other!.say({ type: 'takeOver', callSid: `CA${'0'.repeat(32)}` });
    await other!.until(() => other!.errors().length === 1);
    other!.close();
  });

  it.each([
    { 'x-forwarded-proto': 'https' },
    { 'x-forwarded-proto': 'https, http' },
    { forwarded: 'for=203.0.113.9;proto=https' },
  ])('over TLS (%o) sets a cookie for TLS only', async (way) => {
    const remote = newAddress();
    const answer = await logIn(offhook, PASSWORD, { ...remote, ...way });
    expect(answer.headers.get('set-cookie')).toMatch(/Secure/u);
  });

  it('works behind a proxy that sends another host than the browser', async () => {
    const origin = 'https://phone.example.test';
    const remote = newAddress();
    const headers = { ...remote, origin, 'x-forwarded-host': 'phone.example.test' };
    expect((await logIn(offhook, PASSWORD, headers)).status).toBe(204);
    const known = await start({ ADMIN_PASSWORD: PASSWORD, PUBLIC_URL: origin });
    expect((await logIn(known, PASSWORD, { ...remote, origin })).status).toBe(204);
    expect((await logIn(offhook, PASSWORD, { ...remote, origin })).status).toBe(403);
  });

  it('throttles an address that guesses and not others behind the same proxy, and limits the total rate', async () => {
    const server = await start();
    const from = (address: string, password: string) =>
      logIn(server, password, { 'x-forwarded-for': `198.51.100.1, ${address}` });
    await Promise.all(Array.from({ length: 8 }, () => from('203.0.113.9', 'wrong')));
    expect((await from('203.0.113.9', PASSWORD)).status).toBe(429);
    expect((await from('203.0.113.10', PASSWORD)).status).toBe(204);
    const many = await Promise.all(Array.from({ length: 60 }, (_, i) => from(`192.0.2.${i}`, '')));
    expect(many.every(({ status }) => status === 400)).toBe(true);
  });

  it('is possible for the owner while others guess: from a new address, or with the browser of an earlier login', async () => {
    const server = await start();
    const home = newAddress();
    const browser = browserCookieOf(await logIn(server, PASSWORD, home));
    const guess = (i: number) => logIn(server, 'wrong', { 'x-forwarded-for': `192.0.2.${i}` });
    const refused: number[] = [];
    for (let round = 0; round < 16; round += 1) {
      const answers = await Promise.all([0, 1, 2, 3].map((i) => guess(round * 4 + i)));
      refused.push(...answers.map(({ status }) => status));
    }
    expect(refused.filter((status) => status === 401).length).toBeGreaterThanOrEqual(60);
    expect((await guess(1)).status).toBe(429);
    const failed = { 'x-forwarded-for': '192.0.2.1' };
    expect((await logIn(server, PASSWORD, newAddress())).status).toBe(204);
    expect((await logIn(server, PASSWORD, { ...failed, cookie: `${browser}x` })).status).toBe(429);
    expect((await logIn(server, PASSWORD, { ...failed, cookie: browser })).status).toBe(204);
  }, 120_000);

  it('is possible after seven guesses of others behind a proxy that names no client', async () => {
    const server = await start();
    const browser = browserCookieOf(await logIn(server, PASSWORD, {}));
    for (let i = 0; i < 7; i += 1) expect((await logIn(server, 'wrong', {})).status).toBe(401);
    expect((await logIn(server, PASSWORD, {})).status).toBe(204);
    expect((await logIn(server, PASSWORD, { cookie: browser })).status).toBe(204);
  }, 60_000);

  it('remembers the browser across a restart, and limits its own guesses', async () => {
    const first = await start();
    const browser = browserCookieOf(await logIn(first, PASSWORD, newAddress()));
    const key = readFileSync(first.fileOf('.offhook/browser.key'));
    expect(statSync(first.fileOf('.offhook/browser.key')).mode & 0o777).toBe(0o600);
    const prepare = async (directory: string) => {
      await mkdir(path.join(directory, '.offhook'), { recursive: true });
      await writeFile(path.join(directory, '.offhook/browser.key'), key);
    };
    const second = await start({ ADMIN_PASSWORD: PASSWORD }, { prepare });
    const remote = newAddress();
    for (let i = 0; i < 6; i += 1) expect((await logIn(second, 'wrong', remote)).status).toBe(401);
    expect((await logIn(second, PASSWORD, remote)).status).toBe(429);
    for (let i = 0; i < 6; i += 1)
      expect((await logIn(second, 'wrong', { ...remote, cookie: browser })).status).toBe(401);
    expect((await logIn(second, PASSWORD, { ...remote, cookie: browser })).status).toBe(429);
  }, 60_000);

  it('is refused with 503 while too many passwords wait to be checked, sooner for addresses that have failed', async () => {
    const server = await start({ ADMIN_PASSWORD: PASSWORD }, { passwordHashCost: 2 ** 13 });
    const browser = browserCookieOf(await logIn(server, PASSWORD, newAddress()));
    const crowd = Array.from({ length: 20 }, () => logIn(server, 'wrong', newAddress()));
    const owner = logIn(server, PASSWORD, { ...newAddress(), cookie: browser });
    const answers = await Promise.all(crowd);
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy.length).toBeGreaterThan(0);
    expect(Number(busy[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await owner).status).toBe(204);
  }, 60_000);

  it('counts the clients of a proxy on another machine only if TRUST_PROXY names it', async () => {
    const trusting = await start({ ADMIN_PASSWORD: PASSWORD, TRUST_PROXY: 'loopback, 198.51.100.0/24' });
    const from = (server: Offhook, chain: string, password: string) =>
      logIn(server, password, { 'x-forwarded-for': chain });
    for (const server of [trusting, await start()])
      for (let i = 0; i < 6; i += 1) await from(server, '203.0.113.9, 198.51.100.1', 'wrong');
    expect((await from(trusting, '203.0.113.10, 198.51.100.1', PASSWORD)).status).toBe(204);
    const doubting = open.at(-1)!;
    expect((await from(doubting, '203.0.113.10, 198.51.100.1', PASSWORD)).status).toBe(429);
  }, 60_000);

  it('with a wrong password is refused, and throttled after repeated attempts', async () => {
    const server = await start();
    const remote = newAddress();
    const first = await logIn(server, 'wrong', remote);
    expect([first.status, first.headers.get('set-cookie')]).toEqual([401, null]);
    const rest = await Promise.all(Array.from({ length: 9 }, (_, i) => logIn(server, `wrong ${i}`, remote)));
    const statuses = rest.map(({ status }) => status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(3);
    const late = await logIn(server, PASSWORD, remote);
    expect(late.status).toBe(429);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('is not possible without a password, which is the default', async () => {
    const server = await start({});
    expect((await logIn(server, '', {})).status).toBe(409);
    expect((await logIn(server, 'admin', {})).status).toBe(409);
  });

  it('is refused for pages of other sites, whatever sessions the browser has', async () => {
    const remote = newAddress();
    const cookie = cookieOf(await logIn(offhook, PASSWORD, remote));
    const foreign = { ...remote, cookie, origin: 'https://elsewhere.example' };
    expect((await logIn(offhook, PASSWORD, foreign)).status).toBe(403);
    const call = `${offhook.url}/api/calls/CA${'0'.repeat(32)}`;
    expect((await fetch(call, { method: 'DELETE', headers: foreign })).status).toBe(403);
    const own = { ...remote, cookie, origin: offhook.url };
    expect((await fetch(call, { method: 'DELETE', headers: own })).status).toBe(404);
    const crossSite = { ...remote, cookie, 'sec-fetch-site': 'cross-site' };
    expect((await fetch(`${offhook.url}/phone/calls`, { method: 'POST', headers: crossSite })).status).toBe(
      403,
    );
    await expect(DeskClient.open(offhook.url, { headers: foreign })).rejects.toThrow('403');
  });

  it('refuses an invalid body', async () => {
    for (const body of ['', '{}', '{"password":7}', '[1]', 'nonsense']) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${offhook.url}/login`, { method: 'POST', headers, body });
      expect(answer.status).toBe(400);
    }
  });
});
