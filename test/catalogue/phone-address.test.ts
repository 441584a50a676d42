import { describe, expect, test } from 'vitest';
import { isSameAddress, normalizedAddress } from '../../src/catalogue/phone-address.ts';

const NUMBER = '+4930123456';

describe('two addresses of calls', () => {
  test.each([
    '0049 30 123456',
    '+49 (30) 12-34.56',
    '4930123456',
    'tel:+49-30-123456',
    'tel:+4930123456;ext=12',
    'TEL:004930123456',
    'sip:+4930123456@example.com',
    'sip:4930123456@198.51.100.7:5060;transport=tcp',
    'sip:+4930123456;phone-context=x:secret@example.com',
    'sip:%2B4930123456@example.com',
    'sips:+4930123456@example.com',
    'sip:004930123456@example.com',
    'whatsapp:+4930123456',
  ])('are the same number: %s', (address) => {
    expect(normalizedAddress(address)).toBe('4930123456');
    expect(isSameAddress(address, NUMBER)).toBe(true);
  });

  test.each([
    ['sip:alice@Example.COM', 'sip:alice@example.com'],
    ['client:Zoe', ' client:zoe'],
    ['anonymous', 'Anonymous'],
    ['sip:1001@a.example', 'sip:1001@A.example'],
  ])('are the same without a number: %s, %s', (one, other) => {
    expect(isSameAddress(one, other)).toBe(true);
  });

  test.each([
    ['sip:+4930123457@example.com', NUMBER],
    ['sip:1001@a.example', 'sip:1001@b.example'],
    ['sip:1001@a.example', '1001'],
    ['sip:alice@a.example', 'sip:alice@b.example'],
    ['client:4930123456', NUMBER],
    ['sip:alice4930123456@example.com', NUMBER],
    ['sip:alice@4930123456.example.com', NUMBER],
    ['', ''],
    ['tel:', 'tel'],
  ])('are different: "%s", "%s"', (one, other) => {
    expect(isSameAddress(one, other)).toBe(false);
  });
});
