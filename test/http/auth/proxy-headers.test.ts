import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { ClientAddresses } from '../../../src/http/auth/proxy-headers.ts';

function from(remoteAddress: string, forwardedFor: string): IncomingMessage {
  const headers = { 'x-forwarded-for': forwardedFor };
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

test('the header of a machine that is not a trusted proxy is ignored', () => {
  expect(new ClientAddresses().of(from('192.0.2.1', '203.0.113.9'))).toBe('192.0.2.1');
});

test('the client is the last address that is not a trusted proxy', () => {
  const addresses = new ClientAddresses(['loopback', '10.0.0.0/8']);
  expect(addresses.of(from('10.1.2.3', '198.51.100.1, 203.0.113.9, 10.9.9.9'))).toBe('203.0.113.9');
  expect(addresses.isProxy('10.9.9.9')).toBe(true);
  expect(addresses.isProxy('203.0.113.9')).toBe(false);
});
