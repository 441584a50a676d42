import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { LoginThrottle } from '../../../src/http/auth/login-throttle.ts';

function from(remoteAddress: string, forwardedFor?: string): IncomingMessage {
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

describe('login attempts', () => {
  test('are counted per address behind a proxy of this machine', () => {
    const throttle = new LoginThrottle();
    for (let i = 0; i < 6; i += 1) throttle.tried(from('127.0.0.1', '203.0.113.9'), 0);
    expect(throttle.waitSeconds(from('127.0.0.1', '203.0.113.9'), 0)).toBeGreaterThan(0);
    expect(throttle.waitSeconds(from('127.0.0.1', '203.0.113.10'), 0)).toBe(0);
  });

  test('with forged addresses are limited in total', () => {
    const throttle = new LoginThrottle();
    for (let i = 0; i < 60; i += 1) throttle.tried(from('127.0.0.1', `203.0.113.${i}`), 0);
    expect(throttle.waitSeconds(from('127.0.0.1', '198.51.100.7'), 0)).toBeGreaterThan(0);
    expect(throttle.waitSeconds(from('127.0.0.1', '198.51.100.7'), 60_000)).toBe(0);
  });

  test('from other machines are counted by socket address, whatever their headers', () => {
    const throttle = new LoginThrottle();
    for (let i = 0; i < 6; i += 1) throttle.tried(from('192.0.2.1', `203.0.113.${i}`), 0);
    expect(throttle.waitSeconds(from('192.0.2.1', '198.51.100.7'), 0)).toBeGreaterThan(0);
  });
});
