import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReplyFilters } from '../../../../src/openai/chat/filters/reply-filters.ts';
import { PROPERTY_RUNS } from '../../../support/portions.ts';

function filtered(pieces: readonly string[]): string {
  const filters = new ReplyFilters({});
  return [...pieces.flatMap((piece) => filters.add(piece)), ...filters.end()].join('');
}

describe('a reply that is an object in JSON', () => {
  test.each([
    ['{"response":"We are open."}', 'We are open.'],
    [
      '{ "reply" : "He said \\"yes\\".\\nCome \\u0041gain. \\ud83d\\ude00", "mood": "}" }',
      'He said "yes".\nCome Again. 😀',
    ],
    ['```json\n{\n  "answer": "We are open."\n}\n```', 'We are open.'],
    ['{"role": "assistant", "content": "We are open."}', 'We are open.'],
    ['{"text":"We are open."} Anything else?', 'We are open. Anything else?'],
    ['{"response":"We are op', 'We are op'],
    ['{"response":""}', ''],
    ['{"response":{"a":1}}', '{"response":{"a":1}}'],
    ['{"opening":"nine"}', '{"opening":"nine"}'],
    ['We are open {"response":"x"}.', 'We are open {"response":"x"}.'],
    ['{"response":"Assistant: We are open."}', 'We are open.'],
    ['{', '{'],
    ['', ''],
  ])('%j is spoken as %j, for every split', (text, result) => {
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const ends = [...new Set([...cuts, text.length])].sort((a, b) => a - b);
        expect(filtered(ends.map((end, n) => text.slice(ends[n - 1] ?? 0, end)))).toBe(result);
      }),
      { numRuns: PROPERTY_RUNS / 2 },
    );
  });

  test('is passed on while it arrives', () => {
    const filters = new ReplyFilters({});
    expect(filters.add('{"response":"We ')).toEqual(['We ']);
    expect(filters.add('are open.')).toEqual(['are open.']);
    expect(filters.removed).toBe(true);
  });
});
