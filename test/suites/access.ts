import { expect, test } from 'vitest';
import type { KnownBrowsers } from '../../src/http/auth/known-browsers.ts';
import { BROWSER_COOKIE, KNOWN_FOR_MS } from '../../src/http/auth/known-browsers.ts';
import type { LoginThrottle } from '../../src/http/auth/login-throttle.ts';
import { SESSION_COOKIE, type SessionStore } from '../../src/http/auth/session-store.ts';
import { comesTrue } from '../support/comes-true.ts';

const HOUR_MS = 3_600_000;
export const PASSWORD = 'correct horse';

/** What any two machines of one telephone system have; both are the same where there is one machine. */
export type Two<Part> = () => { readonly a: Part; readonly b: Part };

/** The cookies of a browser that logs in at a machine. */
export async function cookiesOf(sessions: SessionStore, atMs: number): Promise<string> {
  const result = await sessions.logIn(PASSWORD, atMs);
  if (typeof result === 'string') throw new Error(result);
  return `theme=dark; ${SESSION_COOKIE}=${result.session}`;
}

export function logOut(sessions: SessionStore, cookies: string): void {
  sessions.logOut(cookies.split('=').at(-1)!);
}

/** What sessions promise. Times are near `nowMs`. */
export function sessionPromises(machines: Two<SessionStore>, nowMs: number): void {
  test('a login at one machine is valid at the other, and its socket there closes with the logout', async () => {
    const { a, b } = machines();
    const cookies = await cookiesOf(a, nowMs);
    await comesTrue('the session is known', () => b.isLoggedIn(cookies, nowMs));
    let ended = 0;
    b.onEnd(cookies, () => (ended += 1));
    logOut(a, cookies);
    expect(a.isLoggedIn(cookies, nowMs)).toBe(false);
    await comesTrue('the socket is closed', () => ended === 1);
    expect(b.isLoggedIn(cookies, nowMs)).toBe(false);
  });

  test('a use at one machine keeps the session open at the other', async () => {
    const { a, b } = machines();
    const cookies = await cookiesOf(a, nowMs);
    await comesTrue('the session is known', () => b.isLoggedIn(cookies, nowMs));
    expect(b.isLoggedIn(cookies, nowMs + 10 * HOUR_MS)).toBe(true);
    const other = await cookiesOf(b, nowMs);
    // Written and published after the use.
    await comesTrue('the use is known', () => a.isLoggedIn(other, nowMs));
    expect(a.isLoggedIn(cookies, nowMs + 20 * HOUR_MS)).toBe(true);
  });

  test('a session that expires at one machine has expired at the other', async () => {
    const { a, b } = machines();
    const cookies = await cookiesOf(a, nowMs);
    await comesTrue('the session is known', () => b.isLoggedIn(cookies, nowMs));
    for (const each of [a, b]) expect(each.isLoggedIn(cookies, nowMs + 12 * HOUR_MS + 1)).toBe(false);
  });
}

/** What the throttling of logins promises. */
export function throttlePromises(machines: Two<LoginThrottle>, nowMs: number): void {
  const from = (address: string, browser?: string) =>
    ({ address, socketAddress: address, isProxy: false, browser }) as const;

  test('attempts at both machines count together, and are forgiven at both', async () => {
    const { a, b } = machines();
    for (const each of [a, b, a, b, a, b]) each.tried(from('203.0.113.9'), nowMs);
    for (const each of [a, b])
      await comesTrue('six attempts', () => each.waitSeconds(from('203.0.113.9'), nowMs) > 0);
    expect(b.waitSeconds(from('203.0.113.10'), nowMs)).toBe(0);
    a.succeeded(from('203.0.113.9'));
    await comesTrue('forgiven', () => b.waitSeconds(from('203.0.113.9'), nowMs) === 0);
  });

  test('a browser that logged in before is limited by itself alone', async () => {
    const { a, b } = machines();
    for (let i = 0; i < 6; i += 1) a.tried(from('203.0.113.20', 'a browser'), nowMs);
    await comesTrue('limited', () => b.waitSeconds(from('198.51.100.7', 'a browser'), nowMs) > 0);
    expect(b.waitSeconds(from('198.51.100.7', 'another'), nowMs)).toBe(0);
  });
}

/** What the recognition of browsers promises. */
export function browserPromises(machines: Two<KnownBrowsers>): void {
  test('a browser that logged in at one machine is known to the other, with one id', async () => {
    const { a, b } = machines();
    // As the clock of the server: with fractions of a millisecond.
    const cookie = `${BROWSER_COOKIE}=${await a.issue(undefined, 1_000.25)}`;
    const id = await a.idOf(cookie, 1_000);
    expect(id).toMatch(/^[\w-]{22}$/);
    expect(await b.idOf(cookie, KNOWN_FOR_MS)).toBe(id);
    const renewed = `${BROWSER_COOKIE}=${await b.issue(cookie, 2_000)}`;
    expect(await a.idOf(renewed, 2_000)).toBe(id);
  });
}
