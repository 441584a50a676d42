import { beforeEach, describe, expect, test } from 'vitest';
import { BadQuery, type CallFilter, LARGEST_PAGE, type Page } from '../../src/catalogue/catalogue.ts';
import { finishedCall, liveCall, sidOf, SOME_TIME_MS } from '../support/catalogued-calls.ts';
import type { OnTheGround } from './catalogue-promises.ts';

/** All items of a list, page by page; `between` happens after each page. */
export async function allPages<T>(
  page: (cursor: string | undefined) => Promise<Page<T>>,
  between: (pages: number) => Promise<void> = () => Promise.resolve(),
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let pages = 1; pages < 1_000; pages++) {
    const { items: some, next } = await page(cursor);
    items.push(...some);
    if (next === undefined) return items;
    cursor = next;
    await between(pages);
  }
  throw new Error('the list does not end');
}

/** Lists are complete, in order, and stay what they are while they are read. */
export function promisesOfLists(on: OnTheGround): void {
  const sids = async (filter: CallFilter, limit = 50): Promise<string[]> => {
    const pages = await allPages((cursor) =>
      on.catalogue.list(filter, { limit, ...(cursor !== undefined && { cursor }) }),
    );
    return pages.map((call) => call.callSid);
  };
  const numbered = (...numbers: number[]): string[] => numbers.map(sidOf);

  describe('a list of calls', () => {
    beforeEach(async () => {
      await on.catalogue.putEntries([
        finishedCall(1, [], { durationMs: 5_000, outcome: 'silent', from: '+4930123456' }),
        finishedCall(2, [], { durationMs: 60_000, outcome: 'message', from: '+49 (40) 999-3456' }),
        finishedCall(3, [], { durationMs: 60_000.5, from: 'client:alice', to: 'sip:bob@example.com' }),
        finishedCall(4, [], { durationMs: 90_000, outcome: 'failed', from: '12345', to: 'anonymous' }),
      ]);
      await on.catalogue.putCall(liveCall(5, { from: '+4930123456', to: '+4930123456' }));
    });

    test('starts with the latest', async () => {
      expect(await sids({})).toEqual(numbered(5, 4, 3, 2, 1));
    });

    test.each<[string, CallFilter, number[]]>([
      ['from a time on', { fromMs: SOME_TIME_MS + 180_000 }, [5, 4, 3]],
      ['before a time', { beforeMs: SOME_TIME_MS + 180_000 }, [2, 1]],
      ['between two times', { fromMs: SOME_TIME_MS + 60_001, beforeMs: SOME_TIME_MS + 240_000 }, [3, 2]],
      ['of a number', { number: '+4930123456' }, [5, 1]],
      ['of a number as people write it', { number: '+49 (30) 12 34 56' }, [5, 1]],
      ['of the last digits', { number: '3456' }, [5, 2, 1]],
      ['of more last digits', { number: '993456' }, [2]],
      ['of the number that was called', { number: '0001111' }, [2, 1]],
      ['of an address', { number: 'Client:Alice' }, [3]],
      ['of an address that was called', { number: 'sip:bob@example.com' }, [3]],
      ['of no number', { number: 'anonymous' }, [4]],
      ['of a part of an address: none', { number: 'alice' }, []],
      ['of the first digits: none', { number: '4930' }, []],
      ['of a length at least', { minDurationMs: 60_000 }, [4, 3, 2]],
      ['of a length at most', { maxDurationMs: 60_000 }, [2, 1]],
      ['of a length between', { minDurationMs: 5_001, maxDurationMs: 60_000.5 }, [3, 2]],
      ['of an outcome', { outcome: 'failed' }, [4]],
      ['of a state', { state: 'live' }, [5]],
      ['of all of these', { number: '3456', state: 'finished', minDurationMs: 1, outcome: 'message' }, [2]],
    ])('filters those %s', async (_, filter, numbers) => {
      expect(await sids(filter)).toEqual(numbered(...numbers));
      expect(await sids(filter, 1)).toEqual(numbered(...numbers));
    });

    test('finds a number in every address that contains it', async () => {
      await on.catalogue.putEntries([
        finishedCall(6, [], { from: 'sip:+4930777888@example.com' }),
        finishedCall(7, [], { to: 'whatsapp:+4930777888' }),
        finishedCall(8, [], { from: '004930777888' }),
      ]);
      for (const number of ['+4930777888', 'tel:+49-30-777888', '777888', '0049 30 777888'])
        expect(await sids({ number })).toEqual(numbered(8, 7, 6));
    });

    test('refuses a number with too few digits with a sentence', async () => {
      for (const number of ['', '123', ' + ', '%'])
        await expect(on.catalogue.list({ number }, { limit: 1 })).rejects.toThrow(
          new BadQuery('A number needs at least its last 4 digits; any other address all of it.'),
        );
    });
  });

  describe('paging', () => {
    test('continues at its position while calls are added, changed and removed', async () => {
      for (let number = 10; number < 30; number++) await on.catalogue.putEntry(finishedCall(number));
      const read = await allPages(
        (cursor) => on.catalogue.list({}, { limit: 4, ...(cursor !== undefined && { cursor }) }),
        async (pages) => {
          await on.catalogue.putEntry(finishedCall(100 + pages));
          await on.catalogue.putEntry(finishedCall(29 - 4 * (pages - 1), ['changed']));
          await on.catalogue.remove(sidOf(29 - 4 * (pages - 1) - 1));
        },
      );
      expect(read.map((call) => call.callSid)).toEqual(
        numbered(...Array.from({ length: 20 }, (_, index) => 29 - index)),
      );
    });

    test('distinguishes calls of the same time', async () => {
      const startedAtMs = SOME_TIME_MS + 0.5;
      const entries = Array.from({ length: 9 }, (_, index) => finishedCall(index, [], { startedAtMs }));
      await on.catalogue.putEntries(entries);
      const read = await sids({}, 2);
      expect(read).toHaveLength(9);
      expect(new Set(read)).toEqual(new Set(entries.map((entry) => entry.callSid)));
      expect(await sids({ number: '1111' }, 2)).toEqual(read);
    });

    test('ends at the end, without an additional empty page', async () => {
      for (const number of [1, 2, 3, 4]) await on.catalogue.putEntry(finishedCall(number));
      expect(await on.catalogue.list({}, { limit: 4 })).not.toHaveProperty('next');
      const half = await on.catalogue.list({}, { limit: 2 });
      const rest = await on.catalogue.list({}, { limit: 2, cursor: half.next! });
      expect(rest.items.map((call) => call.callSid)).toEqual(numbered(2, 1));
      expect(rest).not.toHaveProperty('next');
    });

    test('refuses a cursor of another list and an invalid one with a sentence', async () => {
      for (const number of [1, 2, 3])
        await on.catalogue.putEntry(finishedCall(number, ['a word', 'a word more']));
      const { next } = await on.catalogue.list({}, { limit: 1 });
      const { next: found } = await on.catalogue.search({ words: 'word' }, { limit: 1 });
      const asked = { limit: 1 };
      const wrong = [
        () => on.catalogue.list({ outcome: 'silent' }, { ...asked, cursor: next! }),
        () => on.catalogue.list({}, { ...asked, cursor: found! }),
        () => on.catalogue.search({ words: 'word' }, { ...asked, cursor: next! }),
        () => on.catalogue.search({ words: 'more' }, { ...asked, cursor: found! }),
        () => on.catalogue.listMicrophone({ ...asked, cursor: next! }),
        ...['', 'x', '%00', `${next!}a`, next!.slice(2), 'bnVsbA', 'W10', 'a'.repeat(10_000)].flatMap(
          (cursor) => [
            () => on.catalogue.list({}, { ...asked, cursor }),
            () => on.catalogue.search({ words: 'word' }, { ...asked, cursor }),
            () => on.catalogue.listMicrophone({ ...asked, cursor }),
          ],
        ),
      ];
      for (const each of wrong) {
        const error: unknown = await each().catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(BadQuery);
        expect(String(error)).toMatch(/cursor/);
      }
    });

    test('refuses a page size of zero or above the limit', async () => {
      for (const limit of [0, -1, 1.5, NaN, LARGEST_PAGE + 1]) {
        await expect(on.catalogue.list({}, { limit })).rejects.toThrow(BadQuery);
        await expect(on.catalogue.search({ words: 'x' }, { limit })).rejects.toThrow(BadQuery);
        await expect(on.catalogue.listMicrophone({ limit })).rejects.toThrow(BadQuery);
      }
      expect((await on.catalogue.list({}, { limit: LARGEST_PAGE })).items).toEqual([]);
    });
  });
}
