import { describe, expect, test } from 'vitest';
import { admit, isLocal, type RequestFacts } from '../../../src/http/auth/local-request.ts';

function request(headers: RequestFacts['headers'] = {}, remoteAddress: string | undefined = '127.0.0.1') {
  return { remoteAddress, headers: { host: 'localhost:8000', ...headers } };
}

describe('isLocal', () => {
  test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('a socket from %s is local', (from) => {
    expect(isLocal(request({}, from))).toBe(true);
  });

  test.each(['10.0.0.1', '::ffff:192.168.0.1', '203.0.113.9', 'fe80::1', '::', '127.0.0.1.example', ''])(
    'a socket from %s is not local',
    (from) => {
      expect(isLocal(request({}, from))).toBe(false);
    },
  );

  test('a closed socket is not local', () => {
    expect(isLocal({ remoteAddress: undefined, headers: { host: 'localhost' } })).toBe(false);
  });

  test.each([
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'forwarded',
    'via',
    'x-real-ip',
    'cf-connecting-ip',
    'cf-ray',
    'true-client-ip',
    'ngrok-skip-browser-warning',
    'tailscale-user-login',
  ])('a request with %s came through a proxy, even if the header is empty', (name) => {
    expect(isLocal(request({ [name]: '127.0.0.1' }))).toBe(false);
    expect(isLocal(request({ [name]: '' }))).toBe(false);
  });

  test.each(['localhost', 'LOCALHOST:8000', '127.0.0.1:1', '127.1.2.3', '[::1]:8000'])(
    'Host %s is local',
    (host) => {
      expect(isLocal(request({ host }))).toBe(true);
    },
  );

  test.each([
    'phone.example.com',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '',
    '0.0.0.0',
    'a.ngrok.app',
  ])('Host %s is not local, which prevents DNS rebinding', (host) => {
    expect(isLocal(request({ host }))).toBe(false);
  });

  test.each([
    ['http://localhost:8000', true],
    ['http://localhost:3000', false],
    ['https://evil.example', false],
    ['null', false],
  ])('the origin %s is local: %s', (origin, local) => {
    expect(isLocal(request({ origin }))).toBe(local);
  });
});

const LOCAL = { localRequests: true } as const;

describe('admit', () => {
  const elsewhere = request({ host: 'phone.example.com' }, '203.0.113.9');
  const bearer = (facts: RequestFacts, token: string): RequestFacts => ({
    ...facts,
    headers: { ...facts.headers, authorization: `Bearer ${token}` },
  });

  test('without a password local requests are admitted, and others are told which setting to set', () => {
    expect(admit(request(), LOCAL)).toEqual({ admitted: true, method: 'local' });
    const refusal = admit(elsewhere, LOCAL);
    expect(refusal).toMatchObject({ admitted: false, status: 403 });
    expect(refusal).toMatchObject({ sentence: expect.stringMatching(/API_TOKEN|ADMIN_PASSWORD/) as string });
  });

  test('behind a public address a request that looks local is refused with a hint to ADMIN_PASSWORD', () => {
    for (const access of [{ localRequests: false }, { localRequests: false, apiToken: 't' }])
      expect(admit(request(), access)).toMatchObject({
        ...{ admitted: false, status: 403 },
        sentence: expect.stringContaining('ADMIN_PASSWORD') as string,
      });
  });

  test('with a password local requests must log in too', () => {
    expect(admit(request(), { ...LOCAL, adminPassword: 'p' })).toMatchObject({
      admitted: false,
      status: 401,
    });
  });

  test('the right token is admitted from everywhere, a wrong one is refused', () => {
    const access = { ...LOCAL, apiToken: 'right', adminPassword: 'p' };
    expect(admit(bearer(elsewhere, 'right'), access)).toEqual({ admitted: true, method: 'token' });
    for (const wrong of ['wrong', 'right ', 'Right', '', 'p'])
      expect(admit(bearer(elsewhere, wrong), access)).toMatchObject({ admitted: false, status: 401 });
  });

  test('every token is refused if none is configured', () => {
    for (const token of ['undefined', '', 'x'])
      expect(admit(bearer(elsewhere, token), LOCAL).admitted).toBe(false);
  });
});
