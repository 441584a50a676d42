import { expect, test } from 'vitest';
import { PartialText } from '../../../../src/openai/realtime/transcription/partial-text.ts';

test('joins the words of an item, and begins again with another one', () => {
  const partial = new PartialText();
  expect(partial.text).toBe('');
  for (const word of ['I', ' would', ' like']) partial.add('item-1', word);
  expect(partial.text).toBe('I would like');
  partial.add('item-2', 'I');
  expect(partial.text).toBe('I');
  partial.clear();
  partial.add('item-2', ' have');
  expect(partial.text).toBe(' have');
});

test('forgets an item whose whole text is known, and keeps the words of another', () => {
  const partial = new PartialText();
  partial.add('item-1', 'I would');
  partial.end('item-0');
  expect(partial.text).toBe('I would');
  partial.end('item-1');
  expect(partial.text).toBe('');
});

test('keeps a bounded number of characters', () => {
  const partial = new PartialText();
  for (let at = 0; at < 100; at += 1) partial.add('item-1', 'x'.repeat(1_000));
  expect(partial.text).toHaveLength(2_000);
});
