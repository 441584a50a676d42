import { expect, test } from 'vitest';
import { JsonTexts } from '../../src/desk/json-texts.ts';

test('JsonTexts serialises a message once that goes to several sockets one after the other', () => {
  let asked = 0;
  const message = {
    toJSON: () => {
      asked += 1;
      return { type: 'gone' };
    },
  };
  const texts = new JsonTexts();
  expect([texts.of(message), texts.of(message)]).toEqual(['{"type":"gone"}', '{"type":"gone"}']);
  expect(asked).toBe(1);
  expect(texts.of({ type: 'cut' })).toBe('{"type":"cut"}');
  expect(texts.of(message)).toBe('{"type":"gone"}');
});
