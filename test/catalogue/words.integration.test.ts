import { describe, expect, test } from 'vitest';
import { escapeText, unescapeText } from '../../src/catalogue/text-escaping.ts';
import { indexWord, wordsOf } from '../../src/catalogue/words.ts';
import { seededRandom } from '../../src/simulator/seeded-random.ts';

describe('words', () => {
  test.each([
    ['Thank you. How can I help?', ['thank', 'you', 'how', 'can', 'i', 'help']],
    ['2026-07, №4711 and 3.14', ['2026', '07', 'no4711', 'and', '3', '14']],
    ['Ærø, ŁÓDŹ, İstanbul, ΣΊΣΥΦΟΣ', ['aero', 'lodz', 'istanbul', 'σισυφοσ']],
    ['１２３ ﬁne ½', ['123', 'fine', '1', '2']],
    ['हिन्दी', ['हिन्दी']],
    ['ราคา東京abc', ['ร', 'า', 'ค', 'า', '東', '京', 'abc']],
    ['한국어', ['한국어']],
    [' …!?🙂\0\ud800 ', []],
  ])('of %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  test('in an index are plain: letters and digits, three to about sixty characters', () => {
    for (const word of ['a', '7', 'the', 'w', 'привет', '東', '𠜎', 'x'.repeat(500), 'й'.repeat(500)]) {
      expect(indexWord(word)).toMatch(/^[a-z0-9]{3,62}$/);
    }
    expect(indexWord('the')).toBe('zwthe');
    expect(indexWord('東')).toBe('zw6771');
  });
});

test('every stored text is returned unchanged, and contains no characters that a database cannot store', () => {
  const random = seededRandom(7);
  const units = [0, 0x1b, 0x30, 0x61, 0x66, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xffff, 0x20ac];
  for (let round = 0; round < 20_000; round++) {
    const length = Math.floor(random() * 12);
    const text = String.fromCharCode(
      ...Array.from({ length }, () => units[Math.floor(random() * units.length)]!),
    );
    const stored = escapeText(text);
    expect(Buffer.from(stored, 'utf8').toString('utf8')).toBe(stored);
    expect(stored).not.toContain('\0');
    expect(unescapeText(stored)).toBe(text);
  }
});
