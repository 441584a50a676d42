import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallRecord } from '../../src/records/call-record.ts';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { sidOf } from '../support/catalogued-calls.ts';
import { comesTrue } from '../support/comes-true.ts';
import { RawStream } from '../support/raw-stream.ts';
import { Offhook } from '../support/test-server.ts';
import { leaveCalls } from '../support/written-calls.ts';

const MINUTE_MS = 60_000;
const AT_MS = Date.parse('2026-07-13T10:00:00Z');
const CALLS = [1, 2, 3, 4].map((number) => ({
  callSid: sidOf(number),
  from: `+4930555000${number}`,
  startedAtMs: AT_MS + number * MINUTE_MS,
}));

interface Call {
  readonly callSid: string;
  readonly state: string;
  readonly notes: readonly { id: string; text: string; at: string }[];
  readonly hold?: { reason: string };
}
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: <T>() => T;
}

let offhook: Offhook;

beforeAll(async () => {
  offhook = await Offhook.start(
    { DEFAULT_AUDIO_FORMAT: 'wav' },
    { catalogue: true, prepare: (directory) => leaveCalls(directory, CALLS) },
  );
  await comesTrue('all calls are entered', async () => {
    const { json } = await ask('');
    return json<{ calls: unknown[] }>().calls.length === CALLS.length;
  });
});
afterAll(() => offhook.close());

async function ask(path: string, init: RequestInit & { to?: string } = {}): Promise<Answer> {
  const { to = offhook.url, ...request } = init;
  const response = await fetch(`${to}/api/calls${path}`, request);
  const text = await response.text();
  return {
    ...{ status: response.status, headers: response.headers, text },
    json: <T>() => JSON.parse(text) as T,
  };
}

const send = (method: string, path: string, body: unknown): Promise<Answer> =>
  ask(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

const sids = (answer: Answer): string[] => answer.json<{ calls: Call[] }>().calls.map((call) => call.callSid);

const callNow = async (callSid: string): Promise<Call> => (await ask(`/${callSid}`)).json<Call>();

const jsonOf = (callSid: string): CallRecord => offhook.json(callSid);

describe('GET /api/calls', () => {
  test('lists calls, latest first, in pages', async () => {
    const first = await ask('?limit=3');
    expect(first.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(sids(first)).toEqual([4, 3, 2].map(sidOf));
    const { next } = first.json<{ next: string }>();
    const second = await ask(`?limit=3&cursor=${encodeURIComponent(next)}`);
    expect(sids(second)).toEqual([sidOf(1)]);
    expect(second.json()).not.toHaveProperty('next');
  });

  test('filters by number, time, length, outcome and state', async () => {
    expect(sids(await ask(`?number=${encodeURIComponent('+49 30 5550002')}`))).toEqual([sidOf(2)]);
    const until = '2026-07-13T10:03:00Z';
    expect(sids(await ask(`?from=2026-07-13T10:02:00Z&before=${until}`))).toEqual([sidOf(2)]);
    expect(sids(await ask('?minSeconds=14&maxSeconds=16'))).toHaveLength(CALLS.length);
    expect(sids(await ask('?minSeconds=16'))).toEqual([]);
    expect(sids(await ask('?outcome=failed'))).toEqual([]);
    expect(sids(await ask('?state=finished'))).toHaveLength(CALLS.length);
  });

  test('finds words and their positions', async () => {
    const { hits } = (await ask('?q=invoice&speaker=caller&number=0003')).json<{ hits: object[] }>();
    expect(hits).toMatchObject([{ callSid: sidOf(3), speaker: 'caller', startMs: 5_160 }]);
    expect((await ask('?q=%22about+an+invoice%22&speaker=assistant')).json()).toEqual({ hits: [] });
  });

  test.each([
    ['?limit=0', 'limit'],
    ['?from=yesterday', 'from'],
    ['?colour=red', 'colour'],
    ['?cursor=nonsense', 'cursor'],
    ['?outcome=good', 'outcome'],
    ['?number=12', 'digits'],
    ['?from=2026-02-30', 'from: must be a date or a time as in 2026-07-13 or 2026-07-13T10:30:00Z.'],
    ['?before=2026-07-13+or+so', 'before: must be a date'],
    ['?from=2026-07-13T25:00:00Z', 'from: must be a date'],
    ['?from=2026-07-13&from=2026-07-14', 'from: must be one text, and is a list.'],
    ['?minSeconds=', 'minSeconds: must not be empty; leave it out instead.'],
    ['?maxSeconds=+&q=', 'maxSeconds: must not be empty'],
    ['?minSeconds=long', 'minSeconds: must be a number of seconds.'],
    ['?q=', 'q: must not be empty'],
    ['?speaker=caller', 'speaker: needs words in q as well: it tells who must have said them.'],
    ['?from=2026-07-14&before=2026-07-13', 'before: must be later than from; there is no time between them.'],
    ['?from=2026-07-13&before=2026-07-13T00:00:00Z', 'before: must be later than from'],
    [
      '?minSeconds=9&maxSeconds=8',
      'maxSeconds: must not be less than minSeconds; no call has such a length.',
    ],
    ['?q=invoice&speaker=nobody', 'speaker: must be one of caller, assistant, operator.'],
    ['?state=gone', 'state: must be one of'],
    [`?number=${'1'.repeat(201)}`, 'number: may be at most 200 characters long.'],
  ])('refuses %s with a sentence that names it', async (query, named) => {
    const answer = await ask(query);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.json<{ detail: string }>().detail).toContain(named);
    expect(answer.text).not.toMatch(/invalid/i);
  });
});

describe('one call', () => {
  test('has its turns, files and figures', async () => {
    const call = (await ask(`/${sidOf(1)}`)).json<Record<string, unknown>>();
    expect(call).toMatchObject({
      ...{ callSid: sidOf(1), from: '+49305550001', state: 'finished', outcome: 'conversation' },
      startedAt: '2026-07-13T10:01:00.000Z',
      links: { audio: `/api/calls/${sidOf(1)}/audio` },
    });
    expect(call['turns']).toEqual(jsonOf(sidOf(1)).turns);
    expect(call['figures']).toEqual(jsonOf(sidOf(1)).figures);
  });

  test('returns its audio whole and in ranges', async () => {
    const file = readFileSync(offhook.fileOf(`call_${sidOf(1)}_conversation.wav`));
    const whole = await fetch(`${offhook.url}/api/calls/${sidOf(1)}/audio`);
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    expect(Buffer.from(await whole.arrayBuffer()).equals(file)).toBe(true);
    const headers = { range: 'bytes=1000-1099' };
    const part = await fetch(`${offhook.url}/api/calls/${sidOf(1)}/audio`, { headers });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 1000-1099/${file.length}`]);
    expect(Buffer.from(await part.arrayBuffer()).equals(file.subarray(1_000, 1_100))).toBe(true);
    const beyond = { headers: { range: `bytes=${file.length}-` } };
    const none = await ask(`/${sidOf(1)}/audio`, beyond);
    expect([none.status, none.headers.get('content-range')]).toEqual([416, `bytes */${file.length}`]);
    expect(none.json<{ detail: string }>().detail).toContain('The file has no such bytes');
  });

  test('returns its transcript as text, JSON and subtitles, and its summary', async () => {
    const at = `/${sidOf(1)}/transcript`;
    expect((await ask(`${at}.txt`)).text).toBe(offhook.transcript(sidOf(1)));
    expect((await ask(`${at}.json`)).json<CallRecord>().turns).toEqual(jsonOf(sidOf(1)).turns);
    const vtt = await ask(`${at}.vtt`);
    expect(vtt.headers.get('content-type')).toContain('text/vtt');
    expect(vtt.text).toMatch(/^WEBVTT\n/);
    expect(vtt.text).toContain('00:00:05.160 -->');
    expect((await ask(`${at}.pdf`)).status).toBe(404);
    expect((await ask(`/${sidOf(1)}/summary.txt`)).text).toBe(offhook.summary(sidOf(1)));
    expect((await ask(`/${sidOf(1)}/record.json`)).json<CallRecord>()).toEqual(jsonOf(sidOf(1)));
  });

  test('allows only private caches for its audio, and none for its texts', async () => {
    const cachingOf = async (path: string) => (await ask(path)).headers.get('cache-control');
    expect(await cachingOf(`/${sidOf(1)}/audio`)).toBe('private, no-cache');
    const texts = [
      '/transcript.txt',
      '/transcript.json',
      '/transcript.vtt',
      '/summary.txt',
      '/record.json',
      '',
    ];
    for (const path of ['', '/none', ...texts.map((text) => `/${sidOf(1)}${text}`)])
      expect([path, await cachingOf(path)]).toEqual([path, 'private, no-store']);
  });

  test('that does not exist is answered with 404', async () => {
    for (const path of [sidOf(99), 'x', `${sidOf(99)}/audio`, `${sidOf(99)}/transcript.txt`])
      expect((await ask(`/${path}`)).status).toBe(404);
    expect((await ask(`/${sidOf(99)}`, { method: 'DELETE' })).status).toBe(404);
    expect((await send('POST', `/${sidOf(99)}/notes`, { text: 'x' })).status).toBe(404);
  });
});

describe('notes and holds', () => {
  test('a note is added to the catalogue and the file, and removed from both', async () => {
    const added = await send('POST', `/${sidOf(2)}/notes`, { text: '  Called back. ' });
    expect(added.status).toBe(201);
    const note = added.json<Call['notes'][0]>();
    expect(note).toMatchObject({ text: 'Called back.', at: expect.stringMatching(/^20/) as string });
    expect((await callNow(sidOf(2))).notes).toEqual([note]);
    const kept = { id: note.id, atMs: Date.parse(note.at), text: note.text };
    expect(jsonOf(sidOf(2)).notes).toEqual([kept]);
    expect((await ask(`/${sidOf(2)}/notes/${note.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(`/${sidOf(2)}/notes/${note.id}`, { method: 'DELETE' })).status).toBe(404);
    expect((await callNow(sidOf(2))).notes).toEqual([]);
    expect(jsonOf(sidOf(2)).notes).toBeUndefined();
  });

  test.each([
    [{}, 'text: is missing.'],
    [{ text: ' ' }, 'text: must not be empty.'],
    [{ text: 7 }, 'text: must be one text, and is a number.'],
    [{ text: null }, 'text: must be one text, and is null.'],
    [{ text: 'x', by: 'me' }, 'by: is not known here; known are text.'],
    [null, 'body: must be an object, and is null.'],
    ['a note', 'body: must be an object, and is a text.'],
    [[], 'body: must be an object, and is a list.'],
  ])('%j is refused as a note', async (body, sentence) => {
    const answer = await send('POST', `/${sidOf(2)}/notes`, body);
    expect([answer.status, answer.json<{ detail: string }>().detail]).toEqual([400, sentence]);
  });

  test.each([
    ['a form', new URLSearchParams({ text: 'x' })],
    ['a text', 'Called back.'],
    ['nothing', null],
  ])('%s is answered with a sentence that asks for JSON and its fields', async (_, body) => {
    const answer = await ask(`/${sidOf(2)}/notes`, { method: 'POST', body });
    expect([answer.status, answer.json<{ detail: string }>().detail]).toEqual([
      400,
      'body: must be JSON (content-type: application/json) with text.',
    ]);
  });

  test('simultaneous erasure requests for one call get the same complete receipt', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => ask(`/${sidOf(4)}`, { method: 'DELETE' })));
    const [first, ...others] = answers.map(({ status, json }) => [status, json<{ files: string[] }>()]);
    expect(first).toMatchObject([200, { callSid: sidOf(4), catalogue: 'removed' }]);
    expect(answers[0]!.json<{ files: string[] }>().files).toContain(`call_${sidOf(4)}.json`);
    for (const other of others) expect(other).toEqual(first);
    expect((await ask(`/${sidOf(4)}`, { method: 'DELETE' })).status).toBe(404);
  });

  test('a call on hold is not erased until the hold is removed', async () => {
    const at = `/${sidOf(3)}`;
    expect((await send('PUT', `${at}/hold`, { reason: 'court' })).status).toBe(204);
    expect((await callNow(sidOf(3))).hold).toMatchObject({ reason: 'court' });
    expect(jsonOf(sidOf(3)).hold).toMatchObject({ reason: 'court' });
    const refused = await ask(at, { method: 'DELETE' });
    expect([refused.status, refused.json<{ detail: string }>().detail]).toEqual([
      409,
      'The call is on hold; take the hold away first.',
    ]);
    expect((await ask(`${at}/hold`, { method: 'DELETE' })).status).toBe(204);
    expect((await callNow(sidOf(3))).hold).toBeUndefined();
    const erased = await ask(at, { method: 'DELETE' });
    expect(erased.status).toBe(200);
    expect(erased.json()).toMatchObject({ callSid: sidOf(3), because: 'asked', catalogue: 'removed' });
    expect((await ask(at)).status).toBe(404);
    expect((await ask('?q=invoice&number=0003')).json()).toEqual({ hits: [] });
  });
});

test('a live call cannot be annotated, held or erased', async () => {
  const callSid = newSid('CA');
  const stream = await RawStream.open(offhook, {});
  stream.start(callSid);
  stream.frames(50);
  await comesTrue('the call is in the catalogue', async () => (await ask(`/${callSid}`)).status === 200);
  expect((await callNow(callSid)).state).toBe('live');
  expect((await send('POST', `/${callSid}/notes`, { text: 'x' })).status).toBe(409);
  expect((await send('PUT', `/${callSid}/hold`, { reason: 'x' })).status).toBe(409);
  expect((await ask(`/${callSid}/audio`)).status).toBe(409);
  expect((await ask(`/${callSid}`, { method: 'DELETE' })).status).toBe(409);
  stream.stop(callSid);
  await offhook.finished(callSid);
});

test('requests from other machines, or without the token, are refused', async () => {
  const forwarded = { headers: { 'x-forwarded-for': '203.0.113.9' } };
  expect((await ask('', forwarded)).status).toBe(403);
  const guarded = await Offhook.start({ ADMIN_PASSWORD: 'secret', API_TOKEN: 'token' }, { catalogue: true });
  try {
    expect((await ask('', { to: guarded.url })).status).toBe(401);
    expect((await ask(`/${sidOf(1)}`, { to: guarded.url, method: 'DELETE' })).status).toBe(401);
    const headers = { authorization: 'Bearer token' };
    expect((await ask('', { to: guarded.url, headers })).json()).toEqual({ calls: [] });
  } finally {
    await guarded.close();
  }
});

test('the API reports an unavailable database and asks to retry', async () => {
  const DATABASE_URL = 'postgres://nobody@127.0.0.1:1/none';
  const cut = await Offhook.start({ DATABASE_URL }, { catalogue: true });
  try {
    const answer = await ask('', { to: cut.url });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  } finally {
    await cut.close();
  }
});
