import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RepeatingReply } from '../../../src/openai/chat/repeating-reply.ts';
import { PROPERTY_RUNS } from '../../support/portions.ts';

function repeats(pieces: readonly string[]): boolean {
  const reply = new RepeatingReply();
  return pieces.some((piece) => reply.add(piece));
}

describe('RepeatingReply', () => {
  test.each([
    ['a sentence', 'We are open. ' + 'The tokens are for the manager. '.repeat(8)],
    ['a word', 'Certainly. ' + 'the '.repeat(60)],
    ['several sentences', 'We are open until six. On Sundays we are closed, I am sorry. '.repeat(6)],
    [
      'a sentence in Chinese (ollama/ollama#3354)',
      '大连是一个综合性的城市，其中包括商业、科技、文化、教育、医疗、服务等多方面。'.repeat(6),
    ],
  ])('recognises %s that is repeated, for every split', (_, text) => {
    expect(repeats([text])).toBe(true);
    expect(repeats([...text])).toBe(true);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
        const pieces: string[] = [];
        for (let at = 0; at < text.length; at += pieces.at(-1)!.length)
          pieces.push(text.slice(at, at + sizes[pieces.length % sizes.length]!));
        expect(pieces.join('')).toBe(text);
        expect(repeats(pieces)).toBe(true);
      }),
      { numRuns: PROPERTY_RUNS / 20 },
    );
  });

  test.each([
    'No, no, no, no, no, that is not so. '.repeat(2),
    'The number is 0000 0000 0000 0000.',
    `| a | b |\n${'|---'.repeat(60)}|\n`,
    '.'.repeat(400),
    ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']
      .map((day) => `On ${day} we are open from nine to six. `)
      .join(''),
    'We are open until six. '.repeat(3),
  ])('leaves %j', (text) => {
    expect(repeats([text])).toBe(false);
    expect(repeats([...text])).toBe(false);
  });

  test('forgets what was retracted', () => {
    const reply = new RepeatingReply();
    reply.add('The tokens are for the manager. '.repeat(3));
    reply.reset();
    expect(reply.add('The tokens are for the manager. '.repeat(2))).toBe(false);
  });
});
