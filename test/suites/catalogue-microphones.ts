import { beforeEach, describe, expect, test } from 'vitest';
import type { SearchQuery } from '../../src/catalogue/catalogue.ts';
import { finishedCall, microphoneEntry, SOME_TIME_MS } from '../support/catalogued-calls.ts';
import { allPages } from './catalogue-lists.ts';
import type { OnTheGround } from './catalogue-promises.ts';

/** Recordings of the microphone are catalogued like calls, and are never mistaken for one. */
export function promisesOfMicrophones(on: OnTheGround): void {
  describe('recordings of the microphone', () => {
    test('are listed latest first without their words, in pages, and can be removed once', async () => {
      for (const number of [2, 5, 1, 4, 3, 3]) await on.catalogue.putMicrophone(microphoneEntry(number));
      const read = await allPages((cursor) =>
        on.catalogue.listMicrophone({ limit: 2, ...(cursor !== undefined && { cursor }) }),
      );
      expect(read).toEqual(
        [5, 4, 3, 2, 1].map((number) => {
          const { utterances: _, ...recording } = microphoneEntry(number);
          return recording;
        }),
      );
      expect(await on.catalogue.removeMicrophone(microphoneEntry(3).name)).toBe(true);
      expect(await on.catalogue.removeMicrophone(microphoneEntry(3).name)).toBe(false);
      expect(await on.catalogue.getMicrophone(microphoneEntry(3).name)).toBeUndefined();
      expect((await on.catalogue.listMicrophone({ limit: 9 })).items).toHaveLength(4);
      expect((await on.catalogue.search({ words: 'recording' }, { limit: 9 })).items).toHaveLength(4);
    });

    test('have times, speakers, language, keywords and a state', async () => {
      const entry = microphoneEntry(1, {
        ...{ name: 'Ärger & Söhne (2).wav', language: 'de-AT', keywords: ['rechnung', '発票'] },
        utterances: [
          { startMs: 120.5, endMs: 1_500, text: 'Die Rechnung, "bitte"\0\ud83d!', speaker: 'A' },
          { startMs: 120.5, endMs: 900, text: 'Ja.', speaker: 'Speaker 2' },
          { startMs: 2_000, endMs: 3_000.25, text: '発票' },
        ],
      });
      await on.catalogue.putMicrophone(entry);
      expect(await on.another.getMicrophone(entry.name)).toEqual(entry);
      const pending = microphoneEntry(2, { transcription: 'pending', utterances: [], keywords: [] });
      await on.catalogue.putMicrophone(pending);
      expect(await on.catalogue.getMicrophone(pending.name)).toEqual(pending);
      expect(await on.catalogue.getMicrophone('none.wav')).toBeUndefined();
    });

    test('are replaced as a whole when they are added again', async () => {
      await on.catalogue.putMicrophone(microphoneEntry(1, { utterances: [said('first words')] }));
      const later = microphoneEntry(1, {
        ...{ sizeBytes: 7, createdAtMs: SOME_TIME_MS + 5_000, transcription: 'done' },
        utterances: [said('other words')],
      });
      await on.catalogue.putMicrophone(later);
      expect(await on.catalogue.getMicrophone(later.name)).toEqual(later);
      expect((await on.catalogue.listMicrophone({ limit: 9 })).items).toHaveLength(1);
      expect(await found('first')).toEqual([]);
      expect(await found('other')).toEqual(['recording_001.wav 1000']);
    });

    test('of the same time are distinguished', async () => {
      for (const number of [1, 2, 3, 4, 5])
        await on.catalogue.putMicrophone(microphoneEntry(number, { createdAtMs: 7 }));
      const read = await allPages((cursor) =>
        on.catalogue.listMicrophone({ limit: 2, ...(cursor !== undefined && { cursor }) }),
      );
      expect(new Set(read.map(({ name }) => name)).size).toBe(5);
    });

    test('are no calls', async () => {
      await on.catalogue.putMicrophone(microphoneEntry(1));
      await on.catalogue.putEntry(finishedCall(1, ['a call']));
      const { items } = await on.catalogue.list({}, { limit: 9 });
      expect(items.map(({ callSid }) => callSid)).toEqual([finishedCall(1).callSid]);
      expect((await on.catalogue.list({ state: 'finished' }, { limit: 9 })).items).toHaveLength(1);
    });

    test('may be long', async () => {
      const utterances = Array.from({ length: 1_200 }, (_, index) =>
        said(`part ${index} of it`, index * 1_000),
      );
      await on.catalogue.putMicrophone(microphoneEntry(1, { utterances }));
      expect((await on.catalogue.getMicrophone(microphoneEntry(1).name))?.utterances).toEqual(utterances);
      expect(await found('"part 1199"')).toEqual(['recording_001.wav 1199000']);
      await on.catalogue.removeMicrophone(microphoneEntry(1).name);
      expect(await found('part')).toEqual([]);
    });
  });

  describe('a search in calls and microphone recordings', () => {
    beforeEach(async () => {
      await on.catalogue.putEntries([
        finishedCall(1, ['an invoice of May']),
        finishedCall(2, ['no such word']),
      ]);
      await on.catalogue.putMicrophone(
        microphoneEntry(1, {
          ...{ createdAtMs: SOME_TIME_MS + 120_000, durationMs: 90_000 },
          utterances: [said('hello'), { ...said('the invoice, the 发票 and the TV', 61_500), speaker: 'B' }],
        }),
      );
    });

    test.each<[string, SearchQuery, string[]]>([
      ['finds both', { words: 'invoice' }, ['call', 'microphone']],
      ['of calls', { words: 'invoice', type: 'call' }, ['call']],
      ['of recordings', { words: 'invoice', type: 'microphone' }, ['microphone']],
      ['of two characters', { words: '发票 TV' }, ['microphone']],
      ['from a time on', { words: 'invoice', fromMs: SOME_TIME_MS + 100_000 }, ['microphone']],
      ['before a time', { words: 'invoice', beforeMs: SOME_TIME_MS + 100_000 }, ['call']],
      ['of a length', { words: 'invoice', minDurationMs: 60_000 }, ['microphone']],
      ['with a speaker of calls', { words: 'invoice', speaker: 'caller' }, ['call']],
      ['with a number', { words: 'invoice', number: '3456' }, ['call']],
      ['with an outcome', { words: 'invoice', outcome: 'conversation' }, ['call']],
      ['with a state', { words: 'invoice', state: 'finished' }, ['call']],
      ['of recordings with a number', { words: 'invoice', type: 'microphone', number: '3456' }, []],
    ])('%s', async (_, query, types) => {
      const { items } = await on.catalogue.search(query, { limit: 9 });
      expect(items.map(({ type }) => type).sort()).toEqual(types);
      const one = await allPages((cursor) =>
        on.catalogue.search(query, { limit: 1, ...(cursor !== undefined && { cursor }) }),
      );
      expect(one).toEqual(items);
    });

    test('gives the time of the hit, and its speaker', async () => {
      const { items } = await on.catalogue.search({ words: 'invoice', type: 'microphone' }, { limit: 9 });
      expect(items).toEqual([
        {
          ...{ type: 'microphone', name: 'recording_001.wav', startedAtMs: SOME_TIME_MS + 120_000 },
          ...{ turnId: 'utterance-2', startMs: 61_500, endMs: 62_300, speaker: 'B' },
          ...{ text: 'the invoice, the 发票 and the TV', score: items[0]!.score },
        },
      ]);
    });

    test('finds a call among many recordings', async () => {
      for (let number = 10; number < 20; number++)
        await on.catalogue.putMicrophone(
          microphoneEntry(number, {
            ...{ createdAtMs: SOME_TIME_MS + 200_000 + number },
            utterances: Array.from({ length: 60 }, (_, index) => said('an invoice', index * 1_000)),
          }),
        );
      const hits = await allPages((cursor) =>
        on.catalogue.search(
          { words: 'invoice', type: 'call' },
          { limit: 5, ...(cursor !== undefined && { cursor }) },
        ),
      );
      expect(hits).toHaveLength(1);
    });
  });

  const said = (text: string, startMs = 1_000) => ({ startMs, endMs: startMs + 800, text });

  async function found(words: string): Promise<string[]> {
    const { items } = await on.catalogue.search({ words }, { limit: 9 });
    return items.map((hit) => (hit.type === 'microphone' ? `${hit.name} ${hit.startMs}` : hit.callSid));
  }
}
