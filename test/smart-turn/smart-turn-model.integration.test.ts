import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeMulaw, encodeMulaw } from '../../src/audio/mulaw.ts';
import { Resampler } from '../../src/audio/resampler.ts';
import { ServiceError } from '../../src/call/ports.ts';
import { SmartTurnModel } from '../../src/smart-turn/smart-turn-model.ts';
import { type FakeSmartTurn, startFakeSmartTurn } from '../doubles/fake-smart-turn.ts';

const never = new AbortController().signal;
let server: FakeSmartTurn;
let nowMs: number;

beforeEach(async () => {
  server = await startFakeSmartTurn();
  nowMs = 0;
});
afterEach(() => server.close());

const model = (options: { apiKey?: string; answerMs?: number } = {}): SmartTurnModel =>
  new SmartTurnModel({ answerMs: 5_000, ...options, url: server.url }, () => nowMs);

/** A tone of 500 Hz at half of full scale. */
function tone(ms: number): Uint8Array {
  const pcm = Int16Array.from(
    { length: ms * 8 },
    (_, i) => 16_384 * Math.sin((2 * Math.PI * 500 * i) / 8_000),
  );
  return encodeMulaw(pcm);
}

/** The shortest of several runs, in milliseconds. */
async function leastMs(run: () => unknown): Promise<number> {
  let least = Infinity;
  for (let times = 0; times < 7; times += 1) {
    const startMs = performance.now();
    await run();
    least = Math.min(least, performance.now() - startMs);
  }
  return least;
}

async function failureOf(asked: Promise<number>): Promise<ServiceError> {
  const error = await asked.catch((reason: unknown) => reason);
  if (!(error instanceof ServiceError)) throw new Error(`no failure of the service: ${String(error)}`);
  return error;
}

describe('SmartTurnModel', () => {
  it('sends the sound as 32-bit floats at 16 kHz, and returns the probability', async () => {
    expect(await model().probability(tone(1_000), never)).toBe(0.9);
    const [{ samples, authorization }] = server.requests as [FakeSmartTurn['requests'][0]];
    expect(authorization).toBeUndefined();
    expect(Math.abs(samples.length - 16_000)).toBeLessThan(200);
    const middle = samples.subarray(4_000, 12_000);
    expect(Math.max(...middle)).toBeGreaterThan(0.47);
    expect(Math.max(...middle)).toBeLessThan(0.53);
    const rises = middle.reduce((sum, one, i) => sum + (i > 0 && middle[i - 1]! < 0 && one >= 0 ? 1 : 0), 0);
    expect(Math.abs(rises - 250)).toBeLessThanOrEqual(1);
  });

  it('sends the last eight seconds of longer speech, and the key', async () => {
    await model({ apiKey: 'sk-1' }).probability(tone(20_000), never);
    const [{ samples, authorization }] = server.requests as [FakeSmartTurn['requests'][0]];
    expect(Math.abs(samples.length - 128_000)).toBeLessThan(200);
    expect(authorization).toBe('Bearer sk-1');
  });

  it('takes hardly more time of the thread that carries the calls than the change of the rate', async () => {
    const speech = tone(8_000);
    const refused = new SmartTurnModel({
      url: server.url,
      fetch: () => Promise.reject(new Error('not sent')),
    });
    const requestMs = await leastMs(() => failureOf(refused.probability(speech, never)));
    const rateMs = await leastMs(() => {
      const resampler = new Resampler({ fromHz: 8_000, toHz: 16_000 });
      resampler.process(decodeMulaw(speech));
      resampler.flush();
      resampler.close();
    });
    // It is about twice; with an array of numbers between, it was fifteen times.
    expect(requestMs / rateMs).toBeLessThan(6);
  });

  it.each([
    ['no JSON', { body: 'ok' }, 'the response has no probability from 0 to 1'],
    ['no probability', { body: '{"prediction":1}' }, 'the response has no probability from 0 to 1'],
    ['a number that is none', { body: '{"probability":1.2}' }, 'the response has no probability from 0 to 1'],
    ['null', { body: 'null' }, 'the response has no probability from 0 to 1'],
    ['an error', { status: 500, body: 'out of memory' }, 'out of memory'],
    ['a long response', { body: ' '.repeat(70_000) }, 'a response of more than 65536 bytes'],
  ])('is a failure of the service that names the cause: %s', async (_, answer, said) => {
    server.answer = answer;
    const { service, details } = await failureOf(model().probability(tone(500), never));
    expect(service).toBe('end-of-turn');
    expect(details).toMatchObject({ said, server: new URL(server.url).host });
    expect(details.status).toBe('status' in answer ? 500 : 200);
  });

  it('waits for a bounded time', async () => {
    server.answer = undefined;
    const { details } = await failureOf(model({ answerMs: 50 }).probability(tone(500), never));
    expect(details).toMatchObject({ code: 'timeout', said: 'no answer within 50 ms' });
  });

  it('names the reason where no server listens', async () => {
    const closed = await startFakeSmartTurn();
    await closed.close();
    const { details } = await failureOf(
      new SmartTurnModel({ url: closed.url }).probability(tone(500), never),
    );
    expect(details.said).toContain('ECONNREFUSED');
  });

  it('is not asked for half a minute after two failures in a row, and then again', async () => {
    const tried = model();
    server.answer = { status: 500, body: 'x' };
    await failureOf(tried.probability(tone(500), never));
    expect(tried.isAvailable).toBe(true);
    await failureOf(tried.probability(tone(500), never));
    expect(tried.isAvailable).toBe(false);
    nowMs = 29_999;
    expect(tried.isAvailable).toBe(false);
    nowMs = 30_000;
    expect(tried.isAvailable).toBe(true);
    server.answer = { body: '{"probability":0.1}' };
    expect(await tried.probability(tone(500), never)).toBe(0.1);
    server.answer = { status: 500, body: 'x' };
    await failureOf(tried.probability(tone(500), never));
    expect(tried.isAvailable).toBe(true);
  });

  it('does not count a request that is not wanted any more', async () => {
    const tried = model();
    server.answer = undefined;
    for (let at = 0; at < 3; at += 1) {
      const wanted = new AbortController();
      const asked = tried.probability(tone(500), wanted.signal);
      wanted.abort();
      await expect(asked).rejects.toThrow();
    }
    expect(tried.isAvailable).toBe(true);
  });
});
