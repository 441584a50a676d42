import { describe, expect, test } from 'vitest';
import { SESSION_COOKIE, SessionStore } from '../../../src/http/auth/session-store.ts';

const HOUR_MS = 3_600_000;

async function loggedIn(): Promise<{ sessions: SessionStore; cookies: string }> {
  const sessions = new SessionStore('correct horse', 2 ** 8);
  const result = await sessions.logIn('correct horse', 0);
  if (typeof result === 'string') throw new Error(result);
  return { sessions, cookies: `theme=dark; ${SESSION_COOKIE}=${result.session}` };
}

describe('a session', () => {
  test('expires after twelve hours without use', async () => {
    const { sessions, cookies } = await loggedIn();
    expect(sessions.isLoggedIn(cookies, 12 * HOUR_MS)).toBe(true);
    expect(sessions.isLoggedIn(cookies, 24 * HOUR_MS + 1)).toBe(false);
  });

  test('stays in use while one of its sockets is open, for at most a week', async () => {
    const { sessions, cookies } = await loggedIn();
    let over = 0;
    sessions.onEnd(cookies, () => (over += 1));
    for (let hours = 1; hours <= 7 * 24; hours += 1) sessions.tick(hours * HOUR_MS);
    expect(over).toBe(0);
    sessions.tick(7 * 24 * HOUR_MS + 1);
    expect(over).toBe(1);
    expect(sessions.isLoggedIn(cookies, 7 * 24 * HOUR_MS + 1)).toBe(false);
  });

  test('does not call a listener that has unsubscribed', async () => {
    const { sessions, cookies } = await loggedIn();
    const unsubscribe = sessions.onEnd(cookies, () => expect.unreachable());
    unsubscribe();
    sessions.logOut(cookies.split('=').at(-1)!);
    expect(sessions.isLoggedIn(cookies, 1)).toBe(false);
  });
});

test('a password is checked with the default cost, in any Unicode form', async () => {
  const sessions = new SessionStore('caf\u00e9');
  expect(await sessions.logIn('caf', 0)).toBe('wrong');
  expect(await sessions.logIn('cafe\u0301', 0)).toMatchObject({ session: expect.any(String) as string });
});
