import { describe, expect, test } from 'vitest';
import { type LoginAttempt, LoginThrottle } from '../../../src/http/auth/login-throttle.ts';

const PROXY = '127.0.0.1';

function behindProxy(address: string, browser?: string): LoginAttempt {
  return { address, socketAddress: PROXY, isProxy: address === PROXY, browser };
}

function tryTimes(throttle: LoginThrottle, times: number, attempt: (i: number) => LoginAttempt): void {
  for (let i = 0; i < times; i += 1) throttle.tried(attempt(i), 0);
}

describe('login attempts', () => {
  test('are counted per address behind a proxy', () => {
    const throttle = new LoginThrottle();
    tryTimes(throttle, 6, () => behindProxy('203.0.113.9'));
    expect(throttle.waitSeconds(behindProxy('203.0.113.9'), 0)).toBeGreaterThan(0);
    expect(throttle.waitSeconds(behindProxy('203.0.113.10'), 0)).toBe(0);
  });

  test('of addresses that have failed share a limit; an address that has not failed has a reserve', () => {
    const throttle = new LoginThrottle();
    tryTimes(throttle, 60, (i) => behindProxy(`203.0.113.${i}`));
    expect(throttle.waitSeconds(behindProxy('203.0.113.7'), 0)).toBe(5);
    expect(throttle.waitSeconds(behindProxy('198.51.100.7'), 0)).toBe(0);
    expect(throttle.waitSeconds(behindProxy('203.0.113.7'), 60_000)).toBe(0);
  });

  test('of ever new addresses are limited, too', () => {
    const throttle = new LoginThrottle();
    tryTimes(throttle, 360, (i) => behindProxy(`10.0.${i >> 8}.${i & 255}`));
    expect(throttle.waitSeconds(behindProxy('198.51.100.7'), 0)).toBe(2);
    expect(throttle.waitSeconds(behindProxy('198.51.100.7'), 2_000)).toBe(0);
  });

  test('of a browser that logged in before are limited by themselves alone', () => {
    const throttle = new LoginThrottle();
    tryTimes(throttle, 1_000, () => behindProxy('203.0.113.9'));
    tryTimes(throttle, 5, () => behindProxy('203.0.113.9', 'a browser'));
    expect(throttle.waitSeconds(behindProxy('203.0.113.9', 'a browser'), 0)).toBe(0);
    tryTimes(throttle, 1, () => behindProxy('203.0.113.9', 'a browser'));
    expect(throttle.waitSeconds(behindProxy('198.51.100.7', 'a browser'), 0)).toBe(20);
    expect(throttle.waitSeconds(behindProxy('203.0.113.9', 'another'), 0)).toBe(0);
  });

  test('of a proxy that names no client have the limit of many clients', () => {
    const throttle = new LoginThrottle();
    tryTimes(throttle, 59, () => behindProxy(PROXY));
    expect(throttle.waitSeconds(behindProxy(PROXY), 0)).toBe(0);
    tryTimes(throttle, 1, () => behindProxy(PROXY));
    expect(throttle.waitSeconds(behindProxy(PROXY), 0)).toBe(5);
  });
});
