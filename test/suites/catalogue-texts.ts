import { describe, expect, test } from 'vitest';
import { finishedCall, liveCall, sidOf, spokenTurn } from '../support/catalogued-calls.ts';
import type { OnTheGround } from './catalogue-promises.ts';

/** Texts that databases stumble over. */
const HARD_TEXTS: Readonly<Record<string, string>> = {
  emoji: 'Thank you 🙏🏽 👩‍👩‍👧 🏳️‍🌈',
  NUL: 'before\0after\0',
  'halves of surrogate pairs': '\ud83d alone \ude00, the wrong way \ude00\ud83d, and a pair 😀\udead',
  'control characters': '\u0001\u001b\u001b0000\u007f\u0085\u2028\ufeff\uffff',
  'quotes and wildcards': `'; DROP TABLE turns; -- "%_\\" \\0 \\' \`x\` $1 :a @b ?`,
  'every script': 'Grüße, Ωμέγα, Привет, שלום, مرحبا, 你好, ありがとう, สวัสดี, हिन्दी, 한국어, 𐐷𠜎',
  'unjoined accents': 'Cafe\u0301 and Café',
  spaces: '  two  spaces, \t tab, \r\n lines \n and an end  ',
  nothing: '',
  '100 kB': 'All work and no play makes 4711 dull boys. '.repeat(2_400),
  '100 kB without a space': 'x'.repeat(100_000),
  'numbers that are not': '1e5 0x10 NaN null undefined true {} [] 00123',
};

/** Every text comes back as it was given. */
export function promisesOfTexts(on: OnTheGround): void {
  describe('texts are returned unchanged:', () => {
    test.each(Object.entries(HARD_TEXTS))('%s', async (_, text) => {
      const entry = finishedCall(1, [], {
        ...{ from: text.slice(0, 200), endReason: text, summary: text, keywords: [text] },
        files: [{ kind: 'summary', name: text, sizeBytes: 1, sha256: '00' }],
        notes: [{ id: text.slice(0, 40), atMs: 1, text }],
        hold: { sinceMs: 2, reason: text },
        turns: [spokenTurn(1, text, { unheard: text, cut: true })],
      });
      await on.catalogue.putEntry(entry);
      expect(await on.catalogue.get(sidOf(1))).toEqual(entry);
      const live = liveCall(2, { summary: text });
      await on.catalogue.putCall(live);
      await on.catalogue.putTurns(sidOf(2), [spokenTurn(1, 'x')]);
      await on.catalogue.putTurns(sidOf(2), [spokenTurn(1, text)]);
      expect(await on.catalogue.get(sidOf(2))).toMatchObject({
        ...{ summary: text, turns: [spokenTurn(1, text)] },
      });
    });

    test('and every call name is accepted', async () => {
      for (const name of [...Object.values(HARD_TEXTS).map((text) => text.slice(0, 60)), '../x', 'ca1']) {
        expect(await on.catalogue.get(name)).toBeUndefined();
        expect(await on.catalogue.remove(name)).toBe(false);
        await on.catalogue.putTurns(name, [spokenTurn(1, 'x')]);
      }
    });
  });
}
