import { describe, expect, test } from 'vitest';
import { serviceFailure } from '../../src/openai/service-failure.ts';

describe('a failed request', () => {
  test.each([
    ['a connection that could not be opened', new TypeError('fetch failed'), true],
    ['a connection that broke during the response', new TypeError('terminated'), true],
    ['a reset connection', Object.assign(new Error('read'), { code: 'ECONNRESET' }), true],
    ['a programming error', new TypeError('chunk.choices is not iterable'), false],
  ])('because of %s is transient: %o %s', (_, cause, transient) => {
    expect(serviceFailure('chat', 'writing a reply', cause)).toMatchObject({ transient, cause });
  });
});
