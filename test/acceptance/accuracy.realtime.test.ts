import { describe, expect, it } from 'vitest';
import { accuracySuite } from './accuracy-suite.ts';
import { assistantLines, toldToTheModel } from './said-and-heard.ts';

accuracySuite('pipeline', (runs) => {
  describe('the chat model', () => {
    it('received what was heard, and nothing else', () => {
      const lines = runs().played.flatMap(assistantLines);
      // The model receives the words without the mark of a cut.
      const heard = new Set(lines.map((line) => line.replace(/ —$/u, '')));
      const cut = new Set(lines.flatMap((line) => (line.endsWith(' —') ? line.slice(0, -2) : [])));
      const told = toldToTheModel(runs().requests);
      expect(told.length).toBeGreaterThan(50);
      expect(told.filter((text) => cut.has(text)).length).toBeGreaterThan(5);
      expect(told.filter((text) => !heard.has(text))).toEqual([]);
    });
  });
});
