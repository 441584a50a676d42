import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAudioFormatsRouter, type FormatChange } from '../../src/api/audio-formats-router.ts';
import { Authenticator } from '../../src/http/auth/authenticator.ts';
import { FailedAttemptLimiter } from '../../src/http/auth/failed-attempt-limiter.ts';
import type { AccessSettings } from '../../src/http/auth/local-request.ts';
import { FROM_ELSEWHERE, LocalServer } from '../http/local-server.ts';
import { problem } from '../http/problem.ts';

const CALL = 'CA0123456789abcdef0123456789abcdef';
let server: LocalServer;
let asked: string[];
let outcome: FormatChange;

async function start(access: AccessSettings = { localRequests: true }): Promise<void> {
  const formats = {
    setFormat(callSid: string, format: string) {
      asked.push(`${callSid} ${format}`);
      return outcome;
    },
  };
  const authenticator = new Authenticator({ access, limit: new FailedAttemptLimiter(), now: () => 0 });
  const parts = { formats, defaultFormat: 'mp3', authenticator } as const;
  server = await new LocalServer().start(createAudioFormatsRouter(parts));
}

beforeEach(async () => {
  asked = [];
  outcome = { outcome: 'set', file: `call_${CALL}_conversation.flac` };
  await start();
});

afterEach(() => server.stop());

function post(path: string, init: RequestInit = {}): Promise<Response> {
  return server.ask(path, { method: 'POST', ...init });
}

const JSON_TYPE = { 'content-type': 'application/json' };

describe('GET /audio/formats', () => {
  test('lists the formats with the default', async () => {
    const body = (await (await server.ask('/audio/formats')).json()) as {
      default: string;
      formats: object[];
    };
    expect(body.default).toBe('mp3');
    expect(body.formats.map((format) => (format as { name: string }).name)).toEqual([
      'mp3',
      'wav',
      'ogg',
      'flac',
    ]);
    for (const format of body.formats)
      expect(Object.keys(format)).toEqual(['name', 'extension', 'contentType', 'description']);
  });

  test('refuses unauthenticated requests', async () => {
    expect((await server.ask('/audio/formats', { headers: FROM_ELSEWHERE })).status).toBe(403);
  });
});

describe('POST /audio/set-format', () => {
  test.each([
    ['JSON', '', { headers: JSON_TYPE, body: '{"format":"flac"}' }],
    ['a form', '', { body: new URLSearchParams({ format: 'flac' }) }],
    ['the query', '?format=flac', {}],
    ['the query beside an empty body', '?format=flac', { headers: JSON_TYPE, body: '{}' }],
    ['capitals', '?format=FLAC', {}],
  ])('accepts the format from %s', async (_, query, init) => {
    const response = await post(`/audio/set-format/${CALL}${query}`, init);
    expect(response.status).toBe(200);
    const file = `call_${CALL}_conversation.flac`;
    expect(await response.json()).toEqual({ callSid: CALL, format: 'flac', file });
    expect(asked).toEqual([`${CALL} flac`]);
  });

  test.each([
    ['{"format":"aac"}', '"aac" is not a format'],
    ['{"format":""}', '"" is not a format'],
    ['{"format":["wav"]}', 'The format is a list, not a text'],
    ['{"format":{"a":1}}', 'The format is an object, not a text'],
    ['{"format":null}', 'The format is null, not a text'],
    ['{"format":5}', 'The format is a number, not a text'],
    ['{"name":"wav"}', 'No format was given'],
    ['{}', 'No format was given'],
    ['null', 'The body is null, not an object'],
    ['["flac"]', 'The body is a list, not an object'],
    ['"flac"', 'The body is a text, not an object'],
    ['true', 'The body is a boolean, not an object'],
  ])('answers the JSON %s with 400, the mistake and the accepted values', async (body, wrong) => {
    const response = await post(`/audio/set-format/${CALL}`, { headers: JSON_TYPE, body });
    expect(response.status).toBe(400);
    const { detail } = (await response.json()) as { detail: string };
    expect(detail).toContain(`${wrong}; `);
    expect(detail).toContain('{"format":"…"}');
    expect(detail).toContain('mp3, wav, ogg, flac');
    expect(asked).toEqual([]);
  });

  test.each([
    ['', {}, 'No format was given'],
    ['', { headers: { 'content-type': 'text/plain' }, body: 'flac' }, 'No format was given'],
    ['?format=wav&format=mp3', {}, 'The format is a list, not a text'],
    ['', { body: new URLSearchParams('format=wav&format=mp3') }, 'The format is a list, not a text'],
  ])('answers %j %j with 400', async (query, init, wrong) => {
    const response = await post(`/audio/set-format/${CALL}${query}`, init);
    expect([response.status, await response.json()]).toEqual([
      400,
      problem(400, expect.stringContaining(`${wrong}; `)),
    ]);
    expect(asked).toEqual([]);
  });

  test.each([
    ['no-such-call', 404],
    ['finished', 409],
    ['recording-off', 409],
  ] as const)('answers %s with %i and a sentence', async (what, status) => {
    outcome = { outcome: what };
    const response = await post(`/audio/set-format/${CALL}?format=wav`);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual(problem(status, expect.stringMatching(/^[A-Z].*\.$/)));
  });

  test.each(['..%2F..%2Fetc%2Fpasswd', 'CA1', `${CALL}x`, `${CALL}%00`, 'x'.repeat(5_000)])(
    'answers 404 without a lookup for the invalid CallSid %s',
    async (callSid) => {
      expect((await post(`/audio/set-format/${callSid}?format=wav`)).status).toBe(404);
      expect(asked).toEqual([]);
    },
  );

  test('answers invalid JSON with a sentence, without a stack trace', async () => {
    const response = await post(`/audio/set-format/${CALL}`, { headers: JSON_TYPE, body: '{"format":' });
    expect([response.status, await response.json()]).toEqual([
      400,
      problem(400, 'The body is not valid JSON.'),
    ]);
  });

  test('refuses an oversized body', async () => {
    const body = `{"format":"${'x'.repeat(10_000)}"}`;
    expect((await post(`/audio/set-format/${CALL}`, { headers: JSON_TYPE, body })).status).toBe(413);
  });

  test('refuses unauthenticated requests, and slows them down after many attempts', async () => {
    const statuses = new Map<number, number>();
    for (let n = 0; n < 40; n++) {
      const { status } = await post(`/audio/set-format/${CALL}?format=wav`, { headers: FROM_ELSEWHERE });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses]).toEqual([
      [403, 30],
      [429, 10],
    ]);
    expect(asked).toEqual([]);
  });

  test('never slows down requests with the right token because of other failures at their address', async () => {
    await server.stop();
    await start({ localRequests: true, apiToken: 'right' });
    for (let n = 0; n < 40; n++) await post(`/audio/set-format/${CALL}`, { headers: FROM_ELSEWHERE });
    const headers = { ...FROM_ELSEWHERE, authorization: 'Bearer right' };
    expect((await post(`/audio/set-format/${CALL}?format=wav`, { headers })).status).toBe(200);
  });
});
