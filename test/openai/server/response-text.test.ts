import { expect, test } from 'vitest';
import { responseText } from '../../../src/openai/server/response-text.ts';

test.each([
  ['text/plain; charset=iso-8859-1', Buffer.from('m\xf6chte', 'latin1')],
  ['text/plain; charset="utf-16le"', Buffer.from('möchte', 'utf16le')],
  ['text/plain; charset=utf-8', Buffer.from('möchte')],
  ['text/plain; charset=unknown-8', Buffer.from('möchte')],
  ['text/plain', Buffer.from('möchte')],
])('a text labelled %s is decoded', async (type, bytes) => {
  const response = new Response(new Uint8Array(bytes), { headers: { 'content-type': type } });
  expect(await responseText(response, 100)).toBe('möchte');
});

test('a text is cut off at the limit', async () => {
  expect(await responseText(new Response('a'.repeat(50)), 10)).toBe('a'.repeat(10));
});
