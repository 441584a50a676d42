import { describe, expect, test } from 'vitest';
import { admit, isLocal, type RequestFacts } from '../../../src/http/auth/local-request.ts';

function request(headers: RequestFacts['headers'] = {}, remoteAddress: string | undefined = '127.0.0.1') {
  return { remoteAddress, headers: { host: 'localhost:8000', ...headers } };
}

describe('isLocal', () => {
  test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])(
    'a socket from %s is this machine',
    (from) => {
      expect(isLocal(request({}, from))).toBe(true);
    },
  );

  test.each(['10.0.0.1', '::ffff:192.168.0.1', '203.0.113.9', 'fe80::1', '::', '127.0.0.1.example', ''])(
    'a socket from %s is not',
    (from) => {
      expect(isLocal(request({}, from))).toBe(false);
    },
  );

  test('a socket that is gone is nobody', () => {
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
  ])('a request with %s came through somebody else, even if it is empty', (name) => {
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
  ])('Host %s is not, so a rebound name does not open the door', (host) => {
    expect(isLocal(request({ host }))).toBe(false);
  });

  test.each([
    ['http://localhost:8000', true],
    ['http://localhost:3000', false],
    ['https://evil.example', false],
    ['null', false],
  ])('a page at %s speaks for this machine: %s', (origin, local) => {
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

  test('without a password the local need no login, all others are told which setting to set', () => {
    expect(admit(request(), LOCAL)).toEqual({ admitted: true, method: 'local' });
    const refusal = admit(elsewhere, LOCAL);
    expect(refusal).toMatchObject({ admitted: false, status: 403 });
    expect(refusal).toMatchObject({ sentence: expect.stringMatching(/API_TOKEN|ADMIN_PASSWORD/) as string });
  });

  test('behind a public address a request that looks local is refused, and told to set ADMIN_PASSWORD', () => {
    for (const access of [{ localRequests: false }, { localRequests: false, apiToken: 't' }])
      expect(admit(request(), access)).toMatchObject({
        ...{ admitted: false, status: 403 },
        sentence: expect.stringContaining('ADMIN_PASSWORD') as string,
      });
  });

  test('with a password the local log in too', () => {
    expect(admit(request(), { ...LOCAL, adminPassword: 'p' })).toMatchObject({
      admitted: false,
      status: 401,
    });
  });

  test('a right token admits from everywhere, a wrong one helps nobody', () => {
    const access = { ...LOCAL, apiToken: 'right', adminPassword: 'p' };
    expect(admit(bearer(elsewhere, 'right'), access)).toEqual({ admitted: true, method: 'token' });
    for (const wrong of ['wrong', 'right ', 'Right', '', 'p'])
      expect(admit(bearer(elsewhere, wrong), access)).toMatchObject({ admitted: false, status: 401 });
  });

  test('no token configured means that no token is right', () => {
    for (const token of ['undefined', '', 'x'])
      expect(admit(bearer(elsewhere, token), LOCAL).admitted).toBe(false);
  });
});
