import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeMulaw } from '../../src/audio/mulaw.ts';
import { readScenario } from '../../src/simulator/fixtures/scenario.ts';
import { newSid, placeCall } from '../../src/simulator/phone/simulated-phone.ts';
import { START_WITHIN_MS } from '../../src/telephony/twilio/media-stream.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { findPieces } from '../support/heard-pieces.ts';
import { decodeSound } from '../support/npm-decoders.ts';
import { NONSENSE, RawCalls } from '../support/raw-calls.ts';
import { RawStream, Webhooks } from '../support/raw-stream.ts';
import { Offhook, SIGNED } from '../support/test-server.ts';

let offhook: Offhook;
let webhooks: Webhooks;
let calls: RawCalls;

beforeAll(async () => {
  offhook = await Offhook.start({ ...SIGNED, DEFAULT_AUDIO_FORMAT: 'wav', RECORDING_CHANNELS: 'stereo' });
  webhooks = new Webhooks(offhook);
  calls = new RawCalls(offhook);
});
afterAll(() => offhook.close());

/** Calls full of nonsense, one after the other, until `over` resolves. */
async function nonsenseUntil(over: Promise<unknown>): Promise<void> {
  let going = true;
  void over.finally(() => (going = false));
  while (going) {
    const { callSid, stream } = await calls.begin();
    for (const text of NONSENSE) stream.saysRaw(text);
    stream.frames(25);
    await calls.end(callSid, stream);
  }
}

describe('during bad input', () => {
  it('another call on the same server is recorded as it was heard', async () => {
    const bystander = placeCall({ ...offhook.signedAddress, ...scenarioCall(readScenario('message')) });
    await nonsenseUntil(bystander);
    const report = await bystander;
    expect(report.errors).toEqual([]);
    await offhook.finished(report.callSid);
    const { channels } = await decodeSound(offhook.fileOf(`call_${report.callSid}_conversation.wav`));
    const [stream] = report.streams;
    const caller = findPieces(decodeMulaw(stream!.callerTrack), channels[0]!);
    expect(caller.length).toBeGreaterThan(0);
    for (const piece of caller) expect(piece).toMatchObject({ lagMs: 0 });
    const assistant = findPieces(decodeMulaw(stream!.playedAssistant), channels[1]!);
    expect(assistant.length).toBeGreaterThanOrEqual(2);
    for (const { lagMs, correlation } of assistant) {
      expect(Math.abs(lagMs)).toBeLessThanOrEqual(20);
      expect(correlation).toBeGreaterThanOrEqual(0.98);
    }
  });

  it('a webhook is answered in well under a second', async () => {
    const startedAt = performance.now();
    expect((await webhooks.ring(newSid('CA'))).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  it('a socket whose CallSid is a path is refused long before the limit for a missing start', async () => {
    const stream = await RawStream.open(offhook);
    const startedAt = performance.now();
    stream.start('../../../tmp/x', 'token');
    expect(await stream.closed).toBe(1008);
    expect(performance.now() - startedAt).toBeLessThan(START_WITHIN_MS / 2);
  });

  it('a call whose socket breaks has its files within 20 s', async () => {
    const { callSid, stream } = await calls.begin();
    stream.frames(100);
    await stream.read();
    const tornAt = performance.now();
    stream.tear();
    await offhook.finished(callSid);
    expect(performance.now() - tornAt).toBeLessThan(20_000);
  });
});
