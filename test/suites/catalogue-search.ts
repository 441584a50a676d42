import { beforeEach, describe, expect, test } from 'vitest';
import { BadQuery, type SearchQuery } from '../../src/catalogue/catalogue.ts';
import {
  finishedCall,
  liveCall,
  sidOf,
  SOME_TIME_MS,
  spokenTurn,
  sidOfHit,
} from '../support/catalogued-calls.ts';
import { allPages } from './catalogue-lists.ts';
import type { OnTheGround } from './catalogue-promises.ts';

/** A person searches, not a program: no input is a mistake of grammar, no word is too short or too common. */
const ODD_QUERIES = [
  ...['word AND', 'OR word', 'NOT word', 'word NEAR other', 'NEAR(word, 5)', 'word*', '*word', '^word'],
  ...['words:word', '-word', '+word', '"word', 'word"', '""word', '"" word ""', '(word', 'word))', '{word}'],
  ...['word & | ! <-> other', '~word', '<word>', 'word@@3', "wo'rd", 'word;--', '\\word', 'word:*', "'word'"],
  ...['word\0word', '\ud83dword', 'word 🙂', '%word%', '_word_', '$1 word', '@word >word <word', 'zw zs zn'],
];

/** What was heard is found again, by the same words in every catalogue. */
export function promisesOfSearch(on: OnTheGround): void {
  const found = async (query: SearchQuery | string): Promise<string[]> => {
    const asked = typeof query === 'string' ? { words: query } : query;
    const hits = await on.catalogue.search(asked, { limit: 50 });
    return hits.items.map(
      (hit) => `${hit.type === 'call' ? parseInt(hit.callSid.slice(2), 16) : hit.name}/${hit.turnId}`,
    );
  };

  describe('a search', () => {
    beforeEach(async () => {
      await on.catalogue.putEntries([
        finishedCall(
          1,
          [
            'I would like to ask about an invoice.',
            'The number is 4711, it is from 2026-07.',
            'To be or not to be: is it a 7 or an 8?',
          ],
          { from: '+49307654321', outcome: 'silent', durationMs: 1_000 },
        ),
        finishedCall(
          2,
          ['Über die Straße, im Café: NAÏVE Ωμέγα Привет', 'invoice 2026', '请问发票在哪里？ 東京タワー'],
          { from: 'client:alice' },
        ),
        finishedCall(3, [], {
          turns: [
            spokenTurn(1, 'about the Invoice number'),
            spokenTurn(2, 'Your invoice is', {
              ...{ id: 'reply-1', speaker: 'assistant', unheard: 'forbidden', cut: true },
            }),
            spokenTurn(3, '[pressed 5]', { id: 'keys-1', kind: 'keys' }),
            { ...spokenTurn(4, 'x'), text: "don't, O’Neil; e-mail me@example.com" },
          ],
        }),
      ]);
    });

    test.each<[string, SearchQuery | string, string[]]>([
      ['one word, whatever its case', 'INVOICE', ['1/caller-1', '2/caller-2', '3/caller-1', '3/reply-1']],
      ['all words in one turn', 'invoice number', ['3/caller-1']],
      ['words in any order', 'number invoice', ['3/caller-1']],
      ['words of two turns: none', 'invoice 4711', []],
      ['a phrase', '"about an invoice"', ['1/caller-1']],
      ['a phrase in another order: none', '"invoice about"', []],
      ['a phrase with a gap: none', '"ask invoice"', []],
      ['two phrases', '"would like" "an invoice"', ['1/caller-1']],
      ['curly quotes', '“about an invoice”', ['1/caller-1']],
      ['a number', '4711', ['1/caller-2']],
      ['a part of a number: none', '471', []],
      ['a month', '2026-07', ['1/caller-2']],
      ['its numbers in a phrase', '"2026 07"', ['1/caller-2']],
      ['a year', '2026', ['1/caller-2', '2/caller-2']],
      ['one digit', '7', ['1/caller-3']],
      ['one letter', 'a', ['1/caller-3']],
      ['the commonest words', 'the is', ['1/caller-2']],
      ['nothing but common words', '"to be or not to be"', ['1/caller-3']],
      ['a word without its accents', 'cafe naive uber', ['2/caller-1']],
      ['a word with accents that are not there', 'ínvoicé 2026', ['2/caller-2']],
      ['accents put together otherwise', 'Cafe\u0301', ['2/caller-1']],
      ['a sharp s', 'STRASSE', ['2/caller-1']],
      ['Greek', 'ωμεγα', ['2/caller-1']],
      ['Cyrillic', 'привет', ['2/caller-1']],
      ['Chinese, without spaces', '发票', ['2/caller-3']],
      ['Chinese, in another order: none', '票发', []],
      ['Japanese', '東京', ['2/caller-3']],
      ['pressed keys', 'pressed 5', ['3/keys-1']],
      ['an apostrophe', "don't", ['3/caller-4']],
      ['an apostrophe of another kind', 'don’t', ['3/caller-4']],
      ['a part before an apostrophe', 'neil', ['3/caller-4']],
      ['an address', 'me@example.com', ['3/caller-4']],
      ['a hyphen', 'e-mail', ['3/caller-4']],
      ['what was never heard: none', 'forbidden', []],
      ['what nobody said: none', 'unheardof', []],
      ['the beginning of a word: none', 'invo', []],
      ['a speaker', { words: 'invoice', speaker: 'assistant' }, ['3/reply-1']],
      ['a speaker who said nothing: none', { words: 'invoice', speaker: 'operator' }, []],
      ['a number of the caller', { words: 'invoice', number: '54321' }, ['1/caller-1']],
      ['an address of the caller', { words: 'invoice', number: 'client:alice' }, ['2/caller-2']],
      [
        'a day',
        { words: 'invoice', fromMs: SOME_TIME_MS + 120_000, beforeMs: SOME_TIME_MS + 120_001 },
        ['2/caller-2'],
      ],
      ['a time without calls: none', { words: 'invoice', beforeMs: SOME_TIME_MS + 60_000 }, []],
      ['an outcome', { words: 'invoice', outcome: 'silent' }, ['1/caller-1']],
      ['a length', { words: 'invoice', maxDurationMs: 1_000 }, ['1/caller-1']],
      ['a state: none', { words: 'invoice', state: 'live' }, []],
    ])('finds %s', async (_, query, expected) => {
      expect((await found(query)).sort()).toEqual(expected);
    });

    test('returns the position of each hit', async () => {
      const { items } = await on.catalogue.search({ words: 'your invoice' }, { limit: 5 });
      expect(items).toEqual([
        {
          type: 'call',
          ...{ callSid: sidOf(3), from: '+4930123456', to: '+15550001111' },
          ...{ startedAtMs: SOME_TIME_MS + 180_000, turnId: 'reply-1', speaker: 'assistant' },
          ...{ startMs: 2_000, endMs: 2_800, text: 'Your invoice is' },
          score: expect.any(Number) as number,
        },
      ]);
    });

    test('has no query syntax: special characters mean nothing', async () => {
      await on.catalogue.putEntry(finishedCall(9, ['a word and another, or word not near word 3 1 5']));
      for (const query of ODD_QUERIES) {
        const hits = await on.catalogue.search({ words: query }, { limit: 5 });
        expect(hits.items.length, query).toBeLessThan(2);
      }
      for (const query of ['word', '*word', '"word', 'word"', '(word', '-word', '+word', 'word*', '%word%'])
        expect(await found(query), query).toEqual(['9/caller-1']);
    });

    test('without a word, or with too many, is refused with a sentence', async () => {
      for (const words of ['', '   ', '"', '""', '?!', '🙂', '\0', '\ud83d'])
        await expect(on.catalogue.search({ words }, { limit: 5 })).rejects.toThrow(
          new BadQuery(
            'There is no word to look for: give at least one letter or digit, as in invoice 4711.',
          ),
        );
      const many = Array.from({ length: 33 }, (_, index) => `w${index}`).join(' ');
      await expect(on.catalogue.search({ words: many }, { limit: 5 })).rejects.toThrow(/at most 32 words/);
      await expect(on.catalogue.search({ words: 'x'.repeat(1_001) }, { limit: 5 })).rejects.toThrow(
        /at most 1000 characters/,
      );
      await expect(on.catalogue.search({ words: 'x', number: '12' }, { limit: 5 })).rejects.toThrow(BadQuery);
    });

    test('finds words of any length', async () => {
      const long = 'donaudampfschifffahrtsgesellschaft'.repeat(5);
      const cyrillic = 'превысокомногорассмотрительствующий';
      await on.catalogue.putEntry(finishedCall(9, [long, cyrillic, `${long}en`]));
      expect(await found(long)).toEqual(['9/caller-1']);
      expect(await found(`${long}en`)).toEqual(['9/caller-3']);
      expect(await found(cyrillic)).toEqual(['9/caller-2']);
      expect(await found(long.slice(0, -1))).toEqual([]);
    });

    test('finds the last words of a very long turn', async () => {
      await on.catalogue.putEntry(finishedCall(9, [`${'blah '.repeat(9_000)} finally the needle`]));
      expect(await found('needle')).toEqual(['9/caller-1']);
      expect(await found('"finally the needle"')).toEqual(['9/caller-1']);
    });
  });

  describe('ranking', () => {
    test('puts the most relevant hits first, then the latest', async () => {
      await on.catalogue.putEntries([
        finishedCall(1, ['An invoice, the invoice, my invoice']),
        finishedCall(2, ['The invoice came with a great many other things in the same large brown envelope']),
        finishedCall(3, ['An invoice']),
        finishedCall(4, ['An invoice']),
        finishedCall(5, ['An invoice']),
      ]);
      expect(await found('invoice')).toEqual([
        ...['1/caller-1', '5/caller-1', '4/caller-1', '3/caller-1', '2/caller-1'],
      ]);
    });

    test('puts words that are together before words that are apart', async () => {
      await on.catalogue.putEntries([
        finishedCall(1, ['my lost invoice was here']),
        finishedCall(2, ['my invoice was lost here']),
      ]);
      expect(await found('lost invoice')).toEqual(['1/caller-1', '2/caller-1']);
    });

    test('has falling scores that do not depend on other calls', async () => {
      await on.catalogue.putEntry(finishedCall(1, ['An invoice', 'an invoice about an invoice']));
      const before = await on.catalogue.search({ words: 'invoice' }, { limit: 9 });
      expect(before.items[0]!.score).toBeGreaterThan(before.items[1]!.score);
      await on.catalogue.putEntries([2, 3, 4, 5].map((number) => finishedCall(number, ['invoice', 'x'])));
      const after = await on.catalogue.search({ words: 'invoice' }, { limit: 9 });
      const ofFirst = after.items.filter((hit) => sidOfHit(hit) === sidOf(1));
      expect(ofFirst).toEqual(before.items);
    });
  });

  describe('pages of hits', () => {
    const paged = (query: SearchQuery, limit: number, between?: (pages: number) => Promise<void>) =>
      allPages(
        (cursor) => on.catalogue.search(query, { limit, ...(cursor !== undefined && { cursor }) }),
        between,
      );
    const texts = (call: number, count: number): string[] =>
      Array.from({ length: count }, (_, index) => `common${' common'.repeat(index % 7)} of ${call} ${index}`);

    test('contain every hit once, also beyond the hits that are ranked together', async () => {
      const calls = Array.from({ length: 13 }, (_, call) => finishedCall(call, texts(call, 100)));
      await on.catalogue.putEntries(calls);
      const hits = await paged({ words: 'common' }, 190);
      expect(hits).toHaveLength(1_300);
      expect(new Set(hits.map((hit) => `${sidOfHit(hit)}/${hit.turnId}`)).size).toBe(1_300);
      expect(new Set(hits.slice(0, 50).map((hit) => hit.score)).size).toBe(1);
      const ofOne = await paged(
        { words: 'common', fromMs: calls[3]!.startedAtMs, beforeMs: calls[4]!.startedAtMs },
        30,
      );
      expect(ofOne.map(sidOfHit)).toEqual(Array<string>(100).fill(sidOf(3)));
    });

    test('contain the first hits once while calls are added', async () => {
      for (const call of [1, 2, 3, 4, 5, 6])
        await on.catalogue.putEntry(finishedCall(call, texts(call, 100)));
      await on.catalogue.putCall(liveCall(0));
      const hits = await paged({ words: 'common' }, 100, async (pages) => {
        await on.catalogue.putEntry(finishedCall(50 + pages, texts(pages, 5)));
        await on.catalogue.putTurns(sidOf(0), [spokenTurn(pages, 'common and live')]);
        await on.catalogue.putEntry(finishedCall(pages, texts(pages, 100)));
      });
      const names = hits.map((hit) => `${sidOfHit(hit)}/${hit.turnId}`);
      expect(new Set(names).size).toBe(names.length);
      const first = names.filter((name) => [1, 2, 3, 4, 5, 6].some((call) => name.startsWith(sidOf(call))));
      expect(first).toHaveLength(600);
    });

    test('continue after hits that a filter excludes', async () => {
      const calls = Array.from({ length: 8 }, (_, call) =>
        finishedCall(call, texts(call, 100), { outcome: call === 0 ? 'failed' : 'silent' }),
      );
      await on.catalogue.putEntries(calls);
      const hits = await paged({ words: 'common', outcome: 'failed' }, 60);
      expect(hits).toHaveLength(100);
      expect(hits.every((hit) => sidOfHit(hit) === sidOf(0))).toBe(true);
    });
  });
}
