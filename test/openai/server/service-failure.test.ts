import { describe, expect, test } from 'vitest';
import { ResponseError } from '../../../src/openai/server/response-error.ts';
import { serviceFailure } from '../../../src/openai/server/service-failure.ts';

describe('a failed request', () => {
  const request = { service: 'chat', doing: 'writing a reply', server: '127.0.0.1:1' } as const;

  test.each([
    ['a connection that could not be opened', new TypeError('fetch failed')],
    ['a connection that broke during the response', new TypeError('terminated')],
    ['a reset connection', Object.assign(new Error('read'), { code: 'ECONNRESET' })],
  ])('because of %s is transient: %o', (_, cause) => {
    expect(serviceFailure(request, cause)).toMatchObject({ transient: true, cause });
  });

  test.each([
    [
      'xAI (continuedev/continue#10373, warpdotdev/warp#14867)',
      403,
      'forbidden',
      'Your team 16f2 has either used all available credits or reached its monthly spending limit. To continue making API requests, please purchase more credits or raise your spending limit.',
    ],
    [
      'DashScope (hsliuping/TradingAgents-CN#170)',
      400,
      'Arrearage',
      'Access denied, please make sure your account is in good standing.',
    ],
    [
      'OpenAI: https://developers.openai.com/api/docs/guides/error-codes',
      429,
      'billing_not_active',
      'Your account is not active, please check your billing details on our website.',
    ],
  ])('for lack of money at %s is not sent again, and says so', (_, status, code, message) => {
    const cause = new ResponseError(status, { code, message, param: undefined, shape: 'error' });
    expect(serviceFailure(request, cause)).toMatchObject({
      transient: false,
      refusal: 'the account has no money left',
      details: { status, said: expect.stringContaining(message.slice(0, 20)) as string },
    });
  });

  test('for a key that is not accepted does not repeat the server’s words', () => {
    const said = { message: 'Key sk-12 lacks a scope', code: undefined, param: undefined } as const;
    const cause = new ResponseError(403, { ...said, shape: 'message' });
    expect(serviceFailure(request, cause)).toMatchObject({
      refusal: 'it does not accept the key',
      details: { said: undefined },
    });
  });

  test('that is a programming error is returned unchanged', () => {
    const bug = new TypeError('chunk.choices is not iterable');
    expect(serviceFailure(request, bug)).toBe(bug);
  });
});
