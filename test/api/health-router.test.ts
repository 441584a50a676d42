import { afterEach, expect, test } from 'vitest';
import { type HealthReport, createHealthRouter } from '../../src/api/health-router.ts';
import { Authenticator } from '../../src/http/auth/authenticator.ts';
import { FailedAttemptLimiter } from '../../src/http/auth/failed-attempt-limiter.ts';
import type { AccessSettings } from '../../src/http/auth/local-request.ts';
import { FROM_ELSEWHERE, LocalServer } from '../http/local-server.ts';

const server = new LocalServer();
const FACTS: HealthReport = {
  status: 'ok',
  activeCalls: 2,
  activeConnections: 3,
  missing: ['speech'],
  figures: { journalLagMs: 4 },
};

afterEach(() => server.stop());

async function healthWith(access: AccessSettings, headers: Record<string, string> = {}) {
  const authenticator = new Authenticator({ access, limit: new FailedAttemptLimiter(), now: () => 0 });
  const parts = { version: '1.2.3', authenticator, report: () => FACTS };
  await server.start(createHealthRouter(parts));
  const response = await server.ask('/health', { headers });
  return { status: response.status, body: (await response.json()) as object };
}

test('local requests get all details, with missing services by name', async () => {
  expect(await healthWith({ localRequests: true })).toEqual({
    status: 200,
    body: {
      status: 'ok',
      version: '1.2.3',
      uptimeSeconds: expect.any(Number) as number,
      activeCalls: 2,
      activeConnections: 3,
      missing: ['speech'],
      journalLagMs: 4,
    },
  });
});

test.each([
  ['from elsewhere', { localRequests: true }, FROM_ELSEWHERE],
  ['from here without the login', { localRequests: true, adminPassword: 'p' }, {}],
  ['from here behind a public address', { localRequests: false }, {}],
  ['for a page of another site', { localRequests: true }, { 'sec-fetch-site': 'cross-site' }],
])('%s only the status is returned', async (_, access, headers) => {
  expect(await healthWith(access, headers)).toEqual({ status: 200, body: { status: 'ok' } });
});

test('requests with the token get all details from any address', async () => {
  const headers = { ...FROM_ELSEWHERE, authorization: 'Bearer t' };
  const { body } = await healthWith({ localRequests: false, adminPassword: 'p', apiToken: 't' }, headers);
  expect(body).toHaveProperty('version', '1.2.3');
});
