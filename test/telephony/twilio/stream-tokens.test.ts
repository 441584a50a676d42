import { expect, test } from 'vitest';
import { StreamTokens } from '../../../src/telephony/twilio/stream-tokens.ts';

test('a token is valid once', () => {
  const tokens = new StreamTokens();
  const token = tokens.issue('CA1', 0);
  expect(tokens.redeem(token, 'CA1', 10)).toBe(true);
  expect(tokens.redeem(token, 'CA1', 11)).toBe(false);
});

test('a token is valid for its own call only, and used up when presented for another', () => {
  const tokens = new StreamTokens();
  const token = tokens.issue('CA1', 0);
  expect(tokens.redeem(token, 'CA2', 10)).toBe(false);
  expect(tokens.redeem(token, 'CA1', 10)).toBe(false);
});

test('a token is valid for less than a minute', () => {
  const tokens = new StreamTokens();
  const [early, late] = [tokens.issue('CA1', 1_000), tokens.issue('CA1', 1_000)];
  expect(tokens.redeem(early, 'CA1', 60_999)).toBe(true);
  expect(tokens.redeem(late, 'CA1', 61_000)).toBe(false);
});

test('two webhooks for one call return two tokens, each valid once', () => {
  const tokens = new StreamTokens();
  const [first, second] = [tokens.issue('CA1', 0), tokens.issue('CA1', 1)];
  expect(first).not.toBe(second);
  expect(tokens.redeem(second, 'CA1', 2)).toBe(true);
  expect(tokens.redeem(first, 'CA1', 3)).toBe(true);
});

test('other text is refused as a token', () => {
  const tokens = new StreamTokens();
  tokens.issue('CA1', 0);
  for (const wrong of [undefined, '', 'x', '💥'.repeat(10_000)])
    expect(tokens.redeem(wrong, 'CA1', 1)).toBe(false);
});

test('the oldest tokens are dropped when there are too many', () => {
  const tokens = new StreamTokens(3);
  const issued = ['CA1', 'CA2', 'CA3', 'CA4'].map((callSid) => ({
    callSid,
    token: tokens.issue(callSid, 0),
  }));
  expect(issued.map(({ callSid, token }) => tokens.redeem(token, callSid, 1))).toEqual([
    false,
    true,
    true,
    true,
  ]);
});

test('a token needs no escaping in a TwiML parameter', () => {
  expect(new StreamTokens().issue('CA1', 0)).toMatch(/^[\w-]{32}$/);
});
