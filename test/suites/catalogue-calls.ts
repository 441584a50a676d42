import { describe, expect, test } from 'vitest';
import type { CatalogueEntry } from '../../src/records/call-entry.ts';
import {
  finishedCall,
  fullCall,
  liveCall,
  sidOf,
  SOME_TIME_MS,
  spokenTurn,
  sidOfHit,
} from '../support/catalogued-calls.ts';
import type { OnTheGround } from './catalogue-promises.ts';

/** A call is stored completely and once, even if several writers store it repeatedly. */
export function promisesOfCalls(on: OnTheGround): void {
  const SID = sidOf(1);

  describe('a call', () => {
    test('does not exist before it is added', async () => {
      expect(await on.catalogue.get(SID)).toBeUndefined();
      expect(await on.catalogue.remove(SID)).toBe(false);
      expect(await on.catalogue.putNotes(SID, [])).toBe(false);
      expect(await on.catalogue.putHold(SID, { sinceMs: 1, reason: 'x' })).toBe(false);
    });

    test('is returned completely, with every turn, file, figure and note', async () => {
      await on.catalogue.putEntry(fullCall(1));
      expect(await on.catalogue.get(SID)).toEqual(fullCall(1));
      const { turns: _, ...call } = fullCall(1);
      expect((await on.catalogue.list({}, { limit: 1 })).items).toEqual([call]);
    });

    test('has no fields for unknown facts', async () => {
      await on.catalogue.putCall(liveCall(1));
      const entry = await on.catalogue.get(SID);
      expect(entry).toEqual({ ...liveCall(1), notes: [], turns: [] });
      expect(Object.keys(entry!)).not.toContain('completedAtMs');
    });

    test('that is added twice exists once', async () => {
      for (const round of [1, 2, 3]) {
        await on.catalogue.putEntry(fullCall(1));
        await on.catalogue.putEntries([fullCall(1), finishedCall(2, ['again and again'])]);
        expect(await on.catalogue.get(SID), `round ${round}`).toEqual(fullCall(1));
      }
      expect((await on.catalogue.list({}, { limit: 10 })).items).toHaveLength(2);
      expect((await on.catalogue.search({ words: 'again' }, { limit: 10 })).items).toHaveLength(1);
    });

    test('that is live is written with others at once, where the catalogue can', async () => {
      if (!on.catalogue.putLive) return;
      await on.catalogue.putEntry(finishedCall(3, ['Goodbye']));
      const calls = Array.from({ length: 120 }, (_, number) => liveCall(number));
      await on.catalogue.putLive(
        calls.map((call, number) => ({
          callSid: call.callSid,
          call,
          turns: [spokenTurn(1, `number ${number}`)],
        })),
      );
      await on.catalogue.putLive([
        { callSid: SID, turns: [spokenTurn(1, 'changed'), spokenTurn(2, 'added')] },
        { callSid: sidOf(200), turns: [spokenTurn(1, 'of no call')] },
        { callSid: sidOf(2), call: liveCall(2, { state: 'finishing' }), turns: [] },
      ]);
      expect(await on.catalogue.get(SID)).toMatchObject({ turns: [{ text: 'changed' }, { text: 'added' }] });
      expect(await on.catalogue.get(sidOf(2))).toMatchObject({
        state: 'finishing',
        turns: [{ text: 'number 2' }],
      });
      expect(await on.catalogue.get(sidOf(3))).toEqual(finishedCall(3, ['Goodbye']));
      expect(await on.catalogue.get(sidOf(119))).toMatchObject({ turns: [{ text: 'number 119' }] });
      expect(await on.catalogue.get(sidOf(200))).toBeUndefined();
    });

    test('is visible to another connection as it grows', async () => {
      const reader = on.another;
      await on.catalogue.putCall(liveCall(1));
      await on.catalogue.putTurns(SID, [spokenTurn(1, 'Hello')]);
      expect((await reader.get(SID))?.turns).toEqual([spokenTurn(1, 'Hello')]);
      await on.catalogue.putTurns(SID, [spokenTurn(2, 'An invoice, please')]);
      expect((await reader.get(SID))?.turns).toHaveLength(2);
      expect((await reader.search({ words: 'invoice' }, { limit: 5 })).items[0]).toMatchObject({
        ...{ callSid: SID, turnId: 'caller-2', startMs: 2_000 },
      });
    });

    test('passes through its states, and does not become live after it is finished', async () => {
      await on.catalogue.putCall(liveCall(1));
      await on.catalogue.putCall(liveCall(1, { state: 'finishing', completedAtMs: SOME_TIME_MS }));
      expect(await on.catalogue.get(SID)).toMatchObject({ state: 'finishing' });
      await on.catalogue.putEntry(finishedCall(1, ['Hello']));
      await on.catalogue.putCall(liveCall(1, { from: '+4940999999' }));
      await on.catalogue.putCall(liveCall(1, { state: 'finishing' }));
      expect(await on.catalogue.get(SID)).toEqual(finishedCall(1, ['Hello']));
    });

    test('keeps its turns, notes and hold when it is added again', async () => {
      await on.catalogue.putCall(liveCall(1));
      await on.catalogue.putTurns(SID, [spokenTurn(1, 'Hello')]);
      const notes = [{ id: 'a', atMs: 5, text: 'a note' }];
      expect(await on.catalogue.putNotes(SID, notes)).toBe(true);
      expect(await on.catalogue.putNotes(SID, notes)).toBe(true);
      const hold = { sinceMs: 6, reason: 'court' };
      expect(await on.catalogue.putHold(SID, hold)).toBe(true);
      expect(await on.catalogue.putHold(SID, hold)).toBe(true);
      const { notes: _, hold: __, turns: ___, ...finished } = finishedCall(1);
      await on.catalogue.putCall(finished);
      await on.catalogue.putCall(finished);
      expect(await on.catalogue.get(SID)).toEqual({
        ...finished,
        ...{ notes, hold, turns: [spokenTurn(1, 'Hello')] },
      });
      expect(await on.catalogue.putHold(SID, undefined)).toBe(true);
      expect(await on.catalogue.get(SID)).not.toHaveProperty('hold');
    });

    test('loses facts that a new entry does not have', async () => {
      await on.catalogue.putEntry(fullCall(1));
      const entry = finishedCall(1, ['only this']);
      await on.catalogue.putEntry(entry);
      expect(await on.catalogue.get(SID)).toEqual(entry);
      const live = liveCall(2, { endReason: 'x', outcome: 'failed', durationMs: 5 });
      await on.catalogue.putCall(live);
      await on.catalogue.putCall(liveCall(2));
      expect(await on.catalogue.get(sidOf(2))).toEqual({ ...liveCall(2), notes: [], turns: [] });
    });

    test('is found under its corrected time and number', async () => {
      await on.catalogue.putCall(liveCall(1, { from: '' }));
      await on.catalogue.putTurns(SID, [spokenTurn(1, 'Hello there')]);
      const startedAtMs = SOME_TIME_MS - 86_400_000;
      await on.catalogue.putCall(liveCall(1, { from: '+33611223344', startedAtMs }));
      const filter = { beforeMs: startedAtMs + 1, fromMs: startedAtMs, number: '3344' };
      expect((await on.catalogue.list(filter, { limit: 5 })).items).toHaveLength(1);
      expect((await on.catalogue.list({ fromMs: SOME_TIME_MS }, { limit: 5 })).items).toEqual([]);
      const hits = await on.catalogue.search({ words: 'hello', ...filter }, { limit: 5 });
      expect(hits.items.map((hit) => hit.turnId)).toEqual(['caller-1']);
      expect((await on.catalogue.get(SID))?.turns).toEqual([spokenTurn(1, 'Hello there')]);
    });

    test('that is removed leaves nothing, also in the word index', async () => {
      await on.catalogue.putEntries([fullCall(1), finishedCall(2, ['Hello'])]);
      expect(await on.catalogue.remove(SID)).toBe(true);
      expect(await on.catalogue.remove(SID)).toBe(false);
      expect(await on.catalogue.get(SID)).toBeUndefined();
      const hits = await on.catalogue.search({ words: 'hello' }, { limit: 5 });
      expect(hits.items.map(sidOfHit)).toEqual([sidOf(2)]);
      expect((await on.catalogue.list({ number: '+15550001111' }, { limit: 5 })).items).toHaveLength(1);
      // What comes again is a new call, with nothing of the old.
      await on.catalogue.putCall(liveCall(1));
      expect(await on.catalogue.get(SID)).toEqual({ ...liveCall(1), notes: [], turns: [] });
    });
  });

  describe('turns', () => {
    test('are identified by their id, and can be updated', async () => {
      await on.catalogue.putCall(liveCall(1));
      const unheard = spokenTurn(1, '', { pending: true });
      const { text: _, ...waiting } = unheard;
      await on.catalogue.putTurns(SID, [waiting, spokenTurn(2, 'second')]);
      await on.catalogue.putTurns(SID, [spokenTurn(1, 'first')]);
      await on.catalogue.putTurns(SID, [spokenTurn(1, 'first')]);
      expect((await on.catalogue.get(SID))?.turns).toEqual([spokenTurn(1, 'first'), spokenTurn(2, 'second')]);
      expect((await on.catalogue.search({ words: 'first' }, { limit: 5 })).items).toHaveLength(1);
      await on.catalogue.putTurns(SID, [spokenTurn(1, 'other')]);
      expect((await on.catalogue.search({ words: 'first' }, { limit: 5 })).items).toEqual([]);
      expect((await on.catalogue.search({ words: 'other' }, { limit: 5 })).items).toHaveLength(1);
    });

    test('are ordered by speech start, then as given', async () => {
      await on.catalogue.putCall(liveCall(1));
      await on.catalogue.putTurns(SID, [spokenTurn(9, 'c'), spokenTurn(10, 'd')]);
      await on.catalogue.putTurns(SID, [
        spokenTurn(2, 'b', { startMs: 500.25 }),
        spokenTurn(1, 'a', { startMs: 500.25 }),
      ]);
      expect((await on.catalogue.get(SID))?.turns.map((turn) => turn.text)).toEqual(['b', 'a', 'c', 'd']);
      const same = ['z', 'y', 'x'].map((text, index) => spokenTurn(9 - index, text, { startMs: 7 }));
      await on.catalogue.putEntry(finishedCall(1, [], { turns: [spokenTurn(20, 'last'), ...same] }));
      const texts = (await on.catalogue.get(SID))?.turns.map((turn) => turn.text);
      expect(texts).toEqual(['z', 'y', 'x', 'last']);
    });

    test('are ignored for a finished or unknown call', async () => {
      await on.catalogue.putTurns(sidOf(7), [spokenTurn(1, 'nobody')]);
      expect(await on.catalogue.get(sidOf(7))).toBeUndefined();
      await on.catalogue.putEntry(finishedCall(1, ['Hello']));
      await on.catalogue.putTurns(SID, [spokenTurn(1, 'late'), spokenTurn(2, 'later')]);
      expect(await on.catalogue.get(SID)).toEqual(finishedCall(1, ['Hello']));
      expect((await on.catalogue.search({ words: 'late' }, { limit: 5 })).items).toEqual([]);
    });

    test('change nothing as an empty list', async () => {
      await on.catalogue.putCall(liveCall(1));
      await on.catalogue.putTurns(SID, []);
      await on.catalogue.putEntries([]);
      expect((await on.catalogue.get(SID))?.turns).toEqual([]);
    });

    test('can be 2,000: they are read, searched, replaced and removed', async () => {
      const texts = Array.from({ length: 2_000 }, (_, index) => `turn number ${index} of a long call`);
      const entry = finishedCall(1, texts);
      await on.catalogue.putEntry(entry);
      expect(await on.catalogue.get(SID)).toEqual(entry);
      const hits = await on.catalogue.search({ words: '"number 1999"' }, { limit: 5 });
      expect(hits.items.map((hit) => hit.turnId)).toEqual(['caller-2000']);
      await on.catalogue.putEntry(finishedCall(1, texts.slice(0, 1_000)));
      expect((await on.catalogue.get(SID))?.turns).toHaveLength(1_000);
      expect(await on.catalogue.remove(SID)).toBe(true);
      expect((await on.catalogue.search({ words: 'number' }, { limit: 5 })).items).toEqual([]);
    });
  });

  describe('two simultaneous writers', () => {
    test('add the same call once', async () => {
      const writers = [on.catalogue, on.another];
      const all = Array.from({ length: 60 }, (_, index) =>
        writers[index % 2]!.putEntry(finishedCall(1, ['Hello', `writer ${index}`])),
      );
      await Promise.all(all);
      const calls = await on.catalogue.list({}, { limit: 10 });
      expect(calls.items).toHaveLength(1);
      const turns = (await on.catalogue.get(SID))!.turns;
      expect(turns).toHaveLength(2);
      expect((await on.catalogue.search({ words: 'writer' }, { limit: 10 })).items).toHaveLength(1);
    });

    test('add turns of one call without a loss', async () => {
      const writers = [on.catalogue, on.another];
      await Promise.all(writers.map((writer) => writer.putCall(liveCall(1))));
      const turns = Array.from({ length: 24 }, (_, index) => spokenTurn(index + 1, `word${index}`));
      await Promise.all(turns.map((turn, index) => writers[index % 2]!.putTurns(SID, [turn])));
      expect((await on.catalogue.get(SID))?.turns).toEqual(turns);
      expect((await on.catalogue.search({ words: 'word17' }, { limit: 5 })).items).toHaveLength(1);
    });

    test('add different calls of the same second without a loss', async () => {
      const writers = [on.catalogue, on.another];
      const calls = Array.from({ length: 100 }, (_, index) =>
        finishedCall(index, ['the same moment'], { startedAtMs: SOME_TIME_MS + index }),
      );
      await Promise.all(calls.map((call, index) => writers[index % 2]!.putEntry(call)));
      const found = await allOf(on, calls);
      expect(found).toEqual(calls);
      expect((await on.catalogue.search({ words: 'moment' }, { limit: 150 })).items).toHaveLength(100);
    });
  });
}

function allOf(on: OnTheGround, calls: readonly CatalogueEntry[]): Promise<unknown[]> {
  return Promise.all(calls.map(({ callSid }) => on.catalogue.get(callSid)));
}
