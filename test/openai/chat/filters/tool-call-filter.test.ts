import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ToolCallFilter } from '../../../../src/openai/chat/filters/tool-call-filter.ts';
import { PROPERTY_RUNS } from '../../../support/portions.ts';

const ANSWER = 'We are open until six.';

function filtered(pieces: readonly string[]): string {
  const filter = new ToolCallFilter();
  return pieces.map((piece) => filter.add(piece)).join('') + filter.end();
}

function expectForEverySplit(text: string, result: string): void {
  fc.assert(
    fc.property(fc.array(fc.nat(text.length)), (cuts) => {
      const ends = [...new Set([...cuts, text.length])].sort((a, b) => a - b);
      expect(filtered(ends.map((end, n) => text.slice(ends[n - 1] ?? 0, end))).trim()).toBe(result);
    }),
    { numRuns: PROPERTY_RUNS / 2 },
  );
}

describe('ToolCallFilter', () => {
  // Llama 3.2 and 4 write calls in Python's notation: llama.com, prompt formats, "Zero-shot function calling".
  test.each([
    `[get_weather(city="Rome")]${ANSWER}`,
    `[get_weather(city='Rome', days=[1, 2]), now()]\n${ANSWER}`,
    `[ opening_hours( day = "a ] b \\" c" ) ]${ANSWER}`,
    `[hours()]${ANSWER}`,
    `[tools.search(query="(open]", filter={"a": [1]})] ${ANSWER}`,
    `${ANSWER} [hours(day="Mon`,
    `[{"name": "hours", "arguments": {}}]${ANSWER}`,
  ])('removes %j', (text) => expectForEverySplit(text, ANSWER));

  test.each([
    'Call [the office] or [f(x)].',
    'It is [about (roughly) ten].',
    'Compare [f(x == y)].',
    'Press [1] (or [2]).',
    'We are open [daily',
  ])('keeps %j', (text) => expectForEverySplit(text, text));
});
