import { describe, expect, it } from 'vitest';
import { readFixture, writeFixture } from '../../src/replay/fixture.ts';
import type { Fixture, FixtureEntry } from '../../src/replay/fixture.ts';
import { recordedStreams } from '../../src/replay/fixture-caller.ts';
import { MediaServer } from '../../src/replay/media-server.ts';
import { NetworkDelay } from '../../src/replay/network-delay.ts';
import { RecordedMediaServer } from '../../src/replay/recorded-media-server.ts';

const names = { streamSid: 'MZ1', callSid: 'CA1', accountSid: 'AC1', customParameters: {} };
const header = {
  callSid: 'CA1',
  from: '+1',
  to: '+2',
  startedAt: '2026-11-21T10:00:00.000Z',
  settings: { a: 1 },
};

const services: FixtureEntry[] = [
  {
    ...{ atMs: 900, service: 'transcription', id: 't1', firstAfterMs: 10, tookMs: 10 },
    request: { durationMs: 400 },
    answer: { text: 'Hello' },
  },
  {
    ...{ atMs: 910, service: 'chat', id: 'c1', firstAfterMs: 5, tookMs: 9 },
    request: { conversation: [] },
    answer: { pieces: [{ afterMs: 5, text: 'Hi' }] },
  },
  {
    ...{ atMs: 920, service: 'speech', id: 's1', firstAfterMs: 5, tookMs: 9 },
    request: { text: 'Hi' },
    answer: { mulaw: '//8=' },
  },
  {
    ...{ atMs: 930, service: 'summary', id: 'u1', firstAfterMs: 5, tookMs: 9 },
    request: { lines: [] },
    answer: { failed: 'timeout', passing: true },
  },
];

/** A call as the application saw it: 30 ms late and jittered; a lost stretch, a repeated and a swapped frame, a key. */
function recordedCall(): { fixture: Fixture; caller: Uint8Array } {
  const server = new MediaServer({ ...names, firstTimestampMs: 7, duplicateEvery: 11, swapEvery: 13 });
  const delay = new NetworkDelay({ fixedMs: 30, jitterMs: 60, seed: 4 });
  server.callerSpeaks(
    Uint8Array.from({ length: 4000 }, (_, i) => i % 100),
    100,
  );
  server.lose(300, 400);
  const sent = [
    ...server.advance(450),
    ...server.press('7', 455),
    ...server.advance(799),
    ...server.stop(800),
  ];
  const entries = sent.map(({ atMs, text }): FixtureEntry => ({
    ...{ atMs: 5000 + delay.arrivalOf(atMs), from: 'twilio' },
    message: JSON.parse(text) as Record<string, unknown>,
  }));
  return { fixture: { header, entries }, caller: server.callerTrack() };
}

describe('a fixture', () => {
  it('is read as it was written, in the order of time', () => {
    const { fixture } = recordedCall();
    const text = writeFixture({ header, entries: [...fixture.entries, ...services] });
    expect(text.split('\n')[0]).toBe(JSON.stringify({ fixture: 'offhook-call', version: 1, ...header }));
    expect(readFixture(text)).toEqual({ header, entries: [...services, ...fixture.entries] });
    expect(writeFixture(readFixture(text))).toBe(text);
  });

  const first = JSON.stringify({ fixture: 'offhook-call', version: 1, ...header });
  const speech = (answer: object) =>
    JSON.stringify({
      ...{ atMs: 1, service: 'speech', id: 's', request: {}, firstAfterMs: 1, tookMs: 1 },
      answer,
    });
  it.each([
    ['', 'line 1: wants "fixture"'],
    ['{"fixture":"offhook-call","version":2}', 'line 1: version 2'],
    [first.replace('2026-', 'x'), 'line 1: startedAt'],
    [`${first}\n{`, 'line 2: not a JSON object'],
    [`${first}\n\n`, 'line 2: not a JSON object'],
    [`${first}\n{"from":"twilio"}`, 'line 2: atMs'],
    [`${first}\n{"atMs":1,"message":{"event":"x"}}`, 'line 2: wants a service'],
    [`${first}\n{"atMs":1,"from":"twilio","message":{}}`, 'line 2: message wants an event'],
    [
      `${first}\n${speech({ mulaw: '//8=' })}\n${speech({ mulaw: '!' })}`,
      'line 3: this is no answer of the speech',
    ],
    [`${first}\n${speech({ failed: 'x' })}`, 'line 2: this is no answer of the speech'],
    [`${first}\n{"atMs":1,"service":"toString"}`, 'line 2: service toString'],
    [
      `${first}\n${speech({ mulaw: '' })}\n${speech({ mulaw: '' }).replace('"atMs":1', '"atMs":0')}`,
      'line 3: atMs is before',
    ],
  ])('with %j is refused, naming the line', (text, message) => {
    expect(() => readFixture(text)).toThrow(message);
  });
});

describe('RecordedMediaServer', () => {
  const [stream] = recordedStreams(recordedCall().fixture);
  const clear = '{"event":"clear","streamSid":"MZ9"}';
  const mark = (name: string) => JSON.stringify({ event: 'mark', streamSid: 'MZ9', mark: { name } });
  const media = (bytes: number) => {
    const payload = Buffer.alloc(bytes, 1).toString('base64');
    return JSON.stringify({ event: 'media', streamSid: 'MZ9', media: { payload } });
  };
  const replay = () => new RecordedMediaServer({ ...names, streamSid: 'MZ9' }, stream?.messages ?? []);
  interface Sent {
    event: string;
    sequenceNumber: string;
    streamSid: string;
    media?: { timestamp: string };
  }

  it('sends every recorded message again under its own name and numbers, at its own time', () => {
    const { fixture, caller } = recordedCall();
    const server = replay();
    const sent = server.advance(2000);
    const messages = sent.slice(1).map(({ text }) => JSON.parse(text) as Sent);
    expect(messages.map(({ sequenceNumber }) => sequenceNumber)).toEqual(
      messages.map((_, i) => String(i + 1)),
    );
    expect(messages.every(({ streamSid }) => streamSid === 'MZ9')).toBe(true);
    const recorded = fixture.entries.flatMap((entry) =>
      'message' in entry ? [entry.message as unknown as Sent] : [],
    );
    expect(messages.map(({ event }) => event)).toEqual(recorded.slice(1).map(({ event }) => event));
    expect(messages.map((m) => m.media?.timestamp)).toEqual(recorded.slice(1).map((m) => m.media?.timestamp));
    expect(sent.slice(2).every(({ atMs }, i) => atMs >= Number(messages[i + 1]?.media?.timestamp ?? 0))).toBe(
      true,
    );
    expect(sent.map(({ atMs }) => atMs).slice(2)).toEqual(stream?.messages.map(({ atMs }) => atMs));
    expect(messages.at(-1)?.event).toBe('stop');
    expect(server.stopped).toBe(true);
    expect(Buffer.from(server.callerTrack()).subarray(0, 5000)).toEqual(
      Buffer.from(caller).subarray(0, 5000),
    );
  });

  it('plays and marks anew: each mark between the frames before and after it, however late these were', () => {
    const server = replay();
    const sent = [
      ...server.receive(media(2000), 50),
      ...server.receive(mark('end'), 50),
      ...server.advance(500),
    ];
    const messages = sent.map(({ text }) => JSON.parse(text) as Sent);
    const at = messages.findIndex(({ event }) => event === 'mark');
    const stamps = (part: Sent[]) => part.flatMap((m) => (m.media ? [Number(m.media.timestamp)] : []));
    expect(at).toBeGreaterThan(0);
    expect(Math.max(...stamps(messages.slice(0, at)))).toBeLessThanOrEqual(300);
    expect(Math.min(...stamps(messages.slice(at)))).toBeGreaterThanOrEqual(300);
    expect(server.playedAssistant().indexOf(1)).toBe(400);
    expect(server.playedAssistant().lastIndexOf(1)).toBe(2399);
  });

  it('cuts what it plays at a clear', () => {
    const server = replay();
    server.receive(media(2000), 50);
    server.receive(clear, 100);
    server.advance(400);
    expect(server.playedAssistant().filter((code) => code === 1).length).toBe(400);
  });
});
