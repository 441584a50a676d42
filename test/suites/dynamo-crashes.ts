import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CallFilter, type Catalogue, CatalogueDown } from '../../src/catalogue/catalogue.ts';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import { type CatalogueEntry } from '../../src/records/call-entry.ts';
import {
  finishedCall,
  fullCall,
  liveCall,
  sidOf,
  SOME_TIME_MS,
  spokenTurn,
  sidOfHit,
} from '../support/catalogued-calls.ts';
import { type DatabaseServer, startedServer } from '../support/database-server.ts';
import { DYNALITE } from '../support/dynalite-server.ts';
import { DynamoItems } from '../support/dynamo-items.ts';
import { type Fault, FaultyProxy } from '../support/faulty-proxy.ts';

/** Cases that run at the same time. */
const CASES_AT_ONCE = 4;

/** The requests of a write, counted from 1, at which it is interrupted. `count` is the number of its requests. */
export type CrashPoints = (count: number) => readonly number[];

let server: DatabaseServer;
let url: string;
let items: DynamoItems;

/** A way to the server that can break. */
async function brittle(): Promise<{
  proxy: FaultyProxy;
  catalogue: Catalogue;
  readonly end: () => Promise<void>;
}> {
  const { port } = new URL(new URL(url).searchParams.get('endpoint')!);
  const proxy = await FaultyProxy.start(Number(port));
  const catalogue = await openCatalogue(`${url.split('?')[0]}?endpoint=${proxy.url}`);
  await catalogue.open();
  const end = async (): Promise<void> => {
    await catalogue.close();
    await proxy.stop();
  };
  return { proxy, catalogue, end };
}

/** `then`: what becomes of the requests after the one that is harmed. */
interface Harm {
  readonly first: Fault;
  readonly then?: Fault;
}

const HARMS: Readonly<Record<string, Harm>> = {
  'before a request came through': { first: 'cut', then: 'cut' },
  'before a request was answered': { first: 'mute', then: 'cut' },
  'for one answer alone': { first: 'mute' },
};

/** Harms the request `broken` and those after it. Returns how many requests came. */
function breakFrom(proxy: FaultyProxy, broken: number, { first, then }: Harm): () => number {
  let count = 0;
  proxy.harm = () => {
    count++;
    if (count < broken) return undefined;
    return count === broken ? first : then;
  };
  return () => count;
}

interface Case {
  readonly before: (catalogue: Catalogue, number: number) => Promise<void>;
  readonly write: (catalogue: Catalogue, number: number) => Promise<unknown>;
  readonly after: (number: number) => CatalogueEntry | undefined;
}

const said = (number: number) => finishedCall(number, ['before the crash', 'and words that go', 'again']);
const later = (number: number) =>
  finishedCall(number, ['after the crash', 'again'], {
    ...{
      startedAtMs: SOME_TIME_MS + 5,
      from: '+4989555777',
      outcome: 'failed',
      summary: 'long '.repeat(20_000),
    },
    notes: [{ id: 'n', atMs: 1, text: 'note '.repeat(20_000) }],
  });
const changed = [spokenTurn(1, 'other words'), spokenTurn(2, 'crash of a turn')];

const CASES: Readonly<Record<string, Case>> = {
  'a new call': {
    before: () => Promise.resolve(),
    write: (catalogue, number) => catalogue.putEntry(said(number)),
    after: said,
  },
  'a call that replaces another': {
    before: (catalogue, number) => catalogue.putEntry(said(number)),
    write: (catalogue, number) => catalogue.putEntry(later(number)),
    after: later,
  },
  'a call whose long texts go': {
    before: (catalogue, number) => catalogue.putEntry(later(number)),
    write: (catalogue, number) => catalogue.putEntry(said(number)),
    after: said,
  },
  'turns that change': {
    before: async (catalogue, number) => {
      await catalogue.putCall(liveCall(number));
      await catalogue.putTurns(sidOf(number), [spokenTurn(1, 'crash and first words')]);
    },
    write: (catalogue, number) => catalogue.putTurns(sidOf(number), changed),
    after: (number) => ({ ...liveCall(number), notes: [], turns: changed }),
  },
  'a number that is corrected': {
    before: async (catalogue, number) => {
      await catalogue.putCall(liveCall(number));
      await catalogue.putTurns(sidOf(number), changed);
    },
    write: (catalogue, number) => catalogue.putCall(liveCall(number, { from: '+4989555777' })),
    after: (number) => ({ ...liveCall(number, { from: '+4989555777' }), notes: [], turns: changed }),
  },
  notes: {
    before: (catalogue, number) => catalogue.putEntry(fullCall(number)),
    write: (catalogue, number) => catalogue.putNotes(sidOf(number), later(number).notes),
    after: (number) => ({ ...fullCall(number), notes: later(number).notes }),
  },
  'a removal': {
    before: (catalogue, number) => catalogue.putEntry(later(number)),
    write: (catalogue, number) => catalogue.remove(sidOf(number)),
    after: () => undefined,
  },
};

/** Interrupts every kind of write in every way at the crash points that `pointsOf` selects. */
export function brokenWritesAreHealed(pointsOf: CrashPoints): void {
  beforeAll(async () => {
    server = await startedServer(DYNALITE);
    url = await server.newDatabase();
    items = new DynamoItems(url);
  });

  afterAll(async () => {
    items.close();
    await server.end();
  });

  describe('an interrupted write to DynamoDB', () => {
    /** How many requests each kind of write makes. */
    const counts: Record<string, Promise<number>> = {};
    const all = Object.entries(CASES).flatMap(([name, each]) =>
      Object.entries(HARMS).map(([when, harm]) => [name, when, each, harm] as const),
    );
    test.each(all.map((one, index) => [...one, 1_000 * (index + 1)] as const))(
      'is completed by its repetition, wherever it stopped: %s, %s',
      async (name, _, each, harm, firstNumber) => {
        const count = await (counts[name] ??= requestsOf(each, firstNumber));
        expect(count).toBeGreaterThan(1);
        const points = [...new Set(pointsOf(count))];
        const worker = async (): Promise<void> => {
          for (let point = points.pop(); point !== undefined; point = points.pop())
            await healsAfterBreakAt(point, harm, each, firstNumber + point);
        };
        await Promise.all(Array.from({ length: CASES_AT_ONCE }, worker));
      },
    );

    test('of a crashed process is taken over by another one', async () => {
      const { proxy, catalogue, end } = await brittle();
      breakFrom(proxy, 4, { first: 'cut', then: 'cut' });
      await expect(catalogue.putEntry(said(9))).rejects.toThrow(CatalogueDown);
      expect((await items.of(sidOf(9))).length).toBeGreaterThan(0);
      const another = await openCatalogue(url);
      expect(await another.get(sidOf(9))).toBeUndefined();
      await another.putEntry(later(9));
      expect(await another.get(sidOf(9))).toEqual(later(9));
      await another.remove(sidOf(9));
      expect(await items.of(sidOf(9))).toEqual([]);
      await Promise.all([another.close(), end()]);
    });
  });
}

/** How many requests a write makes that nothing interrupts. */
async function requestsOf(each: Case, number: number): Promise<number> {
  const { proxy, catalogue, end } = await brittle();
  await each.before(catalogue, number);
  const requests = breakFrom(proxy, Infinity, { first: 'cut' });
  await each.write(catalogue, number);
  const count = requests();
  await catalogue.remove(sidOf(number));
  await end();
  return count;
}

async function healsAfterBreakAt(broken: number, harm: Harm, each: Case, number: number): Promise<void> {
  const { proxy, catalogue, end } = await brittle();
  const callSid = sidOf(number);
  await each.before(catalogue, number);
  const before = await catalogue.get(callSid);
  const requests = breakFrom(proxy, broken, harm);
  const failure = await each.write(catalogue, number).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(requests()).toBeGreaterThanOrEqual(broken);
  proxy.harm = () => undefined;
  if (harm.then === undefined) expect(failure).toBeUndefined();
  else expect(failure).toBeInstanceOf(CatalogueDown);
  // Whole as it was, or whole as it is to be; turns may come one by one.
  const between = await catalogue.get(callSid);
  if (between?.state !== 'live') expect([before, each.after(number)]).toContainEqual(between);
  await each.write(catalogue, number);
  const after = each.after(number);
  expect(await catalogue.get(callSid)).toEqual(after);
  await sameAsFound(catalogue, callSid, after);
  await catalogue.remove(callSid);
  expect(await items.of(callSid)).toEqual([]);
  await end();
}

/** What is searched and listed is what the call says. */
async function sameAsFound(
  catalogue: Catalogue,
  callSid: string,
  call: CatalogueEntry | undefined,
): Promise<void> {
  for (const word of ['crash', 'words', 'again', 'other']) {
    const { items: hits } = await catalogue.search({ words: word }, { limit: 200 });
    const found = hits.filter((hit) => sidOfHit(hit) === callSid).map((hit) => hit.turnId);
    const turns = (call?.turns ?? []).filter((turn) => turn.text?.split(' ').includes(word));
    expect(found.sort(), word).toEqual(turns.map((turn) => turn.id));
  }
  const lists = await Promise.all(
    [{}, { number: '555777' }, { number: '123456' }, { outcome: 'failed' }, { state: 'live' }].map((filter) =>
      catalogue.list(filter as CallFilter, { limit: 200 }),
    ),
  );
  const isIn = lists.map(({ items: calls }) => calls.some((one) => one.callSid === callSid));
  const { from = '', outcome, state } = call ?? {};
  const numbers = [from.endsWith('555777'), from.endsWith('123456')];
  expect(isIn).toEqual([call !== undefined, ...numbers, outcome === 'failed', state === 'live']);
}
