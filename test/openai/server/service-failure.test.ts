import { describe, expect, test } from 'vitest';
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

  test('that is a programming error is returned unchanged', () => {
    const bug = new TypeError('chunk.choices is not iterable');
    expect(serviceFailure(request, bug)).toBe(bug);
  });
});
