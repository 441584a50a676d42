import { afterAll, describe, expect, it } from 'vitest';
import { DeskClient } from '../support/desk-client.ts';
import { StillClock } from '../support/still-clock.ts';
import { Offhook } from '../support/test-server.ts';

const ELSEWHERE = { 'x-forwarded-for': '203.0.113.9' };
const PASSWORD = 'correct horse';
const open: Offhook[] = [];
afterAll(() => Promise.all(open.map((each) => each.close())));

async function start(settings: Record<string, string> = { ADMIN_PASSWORD: PASSWORD }): Promise<Offhook> {
  // Attempts are forgiven with time, and a busy machine needs long for each.
  const offhook = await Offhook.start(settings, { catalogue: true, now: new StillClock().now });
  open.push(offhook);
  return offhook;
}

function logIn(offhook: Offhook, password: string, headers: Record<string, string> = ELSEWHERE) {
  return fetch(`${offhook.url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ password }),
  });
}

const cookieOf = (answer: Response) => answer.headers.get('set-cookie')?.split(';')[0] ?? '';

describe.concurrent('logging in', () => {
  it('gives a cookie that opens what was shut, until logging out', async () => {
    const offhook = await start();
    const get = (headers: Record<string, string>) => fetch(`${offhook.url}/api/calls`, { headers });
    expect((await get({})).status).toBe(401);
    const answer = await logIn(offhook, PASSWORD);
    expect(answer.status).toBe(204);
    const setCookie = answer.headers.get('set-cookie') ?? '';
    expect(setCookie).toMatch(/HttpOnly/u);
    expect(setCookie).toMatch(/SameSite=Strict/u);
    expect(setCookie).not.toMatch(/Secure/u);
    const cookie = cookieOf(answer);
    expect((await get({ ...ELSEWHERE, cookie })).status).toBe(200);
    const session = await fetch(`${offhook.url}/api/session`, { headers: { cookie } });
    expect(await session.json()).toEqual({ admitted: true, why: 'session', loginPossible: true });
    (await DeskClient.open(offhook.url, { headers: { ...ELSEWHERE, cookie } })).close();
    const out = await fetch(`${offhook.url}/logout`, { method: 'POST', headers: { cookie } });
    expect(out.status).toBe(204);
    expect((await get({ ...ELSEWHERE, cookie })).status).toBe(401);
  });

  it('ends with logging out for sockets that are open, too, and for those of nobody else', async () => {
    const offhook = await start();
    const cookies = [
      cookieOf(await logIn(offhook, PASSWORD)),
      cookieOf(await logIn(offhook, PASSWORD)),
    ] as const;
    const [one, other] = await Promise.all(
      cookies.map((cookie) => DeskClient.open(offhook.url, { headers: { ...ELSEWHERE, cookie } })),
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
  ])('over TLS (%o) gives a cookie that goes over TLS alone', async (way) => {
    const offhook = await start();
    const answer = await logIn(offhook, PASSWORD, { ...ELSEWHERE, ...way });
    expect(answer.headers.get('set-cookie')).toMatch(/Secure/u);
  });

  it('works behind a proxy that asks for another host than the browser', async () => {
    const origin = 'https://phone.example.test';
    const forwarding = await start();
    const headers = { ...ELSEWHERE, origin, 'x-forwarded-host': 'phone.example.test' };
    expect((await logIn(forwarding, PASSWORD, headers)).status).toBe(204);
    const known = await start({ ADMIN_PASSWORD: PASSWORD, PUBLIC_URL: origin });
    expect((await logIn(known, PASSWORD, { ...ELSEWHERE, origin })).status).toBe(204);
    const neither = await start();
    expect((await logIn(neither, PASSWORD, { ...ELSEWHERE, origin })).status).toBe(403);
  });

  it('shuts out who guesses, not everybody behind the same proxy; all of them together guess slowly, too', async () => {
    const offhook = await start();
    const from = (address: string, password: string) =>
      logIn(offhook, password, { 'x-forwarded-for': `198.51.100.1, ${address}` });
    await Promise.all(Array.from({ length: 8 }, () => from('203.0.113.9', 'wrong')));
    expect((await from('203.0.113.9', PASSWORD)).status).toBe(429);
    expect((await from('203.0.113.10', PASSWORD)).status).toBe(204);
    const many = await Promise.all(Array.from({ length: 60 }, (_, i) => from(`192.0.2.${i}`, '')));
    expect(many.every(({ status }) => status === 400)).toBe(true);
  });

  it('with a wrong password gives nothing, and ever less to who goes on trying', async () => {
    const offhook = await start();
    const first = await logIn(offhook, 'wrong');
    expect([first.status, first.headers.get('set-cookie')]).toEqual([401, null]);
    const rest = await Promise.all(Array.from({ length: 9 }, (_, i) => logIn(offhook, `wrong ${i}`)));
    const statuses = rest.map(({ status }) => status);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(3);
    const late = await logIn(offhook, PASSWORD);
    expect(late.status).toBe(429);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('is not possible where there is no password: none exists by default', async () => {
    const offhook = await start({});
    expect((await logIn(offhook, '', {})).status).toBe(409);
    expect((await logIn(offhook, 'admin', {})).status).toBe(409);
  });

  it('changes nothing for a page of another site, whatever its visitor is logged in to', async () => {
    const offhook = await start();
    const cookie = cookieOf(await logIn(offhook, PASSWORD));
    const foreign = { ...ELSEWHERE, cookie, origin: 'https://elsewhere.example' };
    expect((await logIn(offhook, PASSWORD, foreign)).status).toBe(403);
    const call = `${offhook.url}/api/calls/CA${'0'.repeat(32)}`;
    expect((await fetch(call, { method: 'DELETE', headers: foreign })).status).toBe(403);
    const own = { ...ELSEWHERE, cookie, origin: offhook.url };
    expect((await fetch(call, { method: 'DELETE', headers: own })).status).toBe(404);
    const crossSite = { ...ELSEWHERE, cookie, 'sec-fetch-site': 'cross-site' };
    expect((await fetch(`${offhook.url}/phone/calls`, { method: 'POST', headers: crossSite })).status).toBe(
      403,
    );
    await expect(DeskClient.open(offhook.url, { headers: foreign })).rejects.toThrow('403');
  });

  it('refuses a body that is none', async () => {
    const offhook = await start();
    for (const body of ['', '{}', '{"password":7}', '[1]', 'nonsense']) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${offhook.url}/login`, { method: 'POST', headers, body });
      expect(answer.status).toBe(400);
    }
  });
});
