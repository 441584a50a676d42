import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newSid, placeCall, startCall } from '../../src/simulator/phone/simulated-phone.ts';
import { TwilioRequests } from '../../src/simulator/phone/twilio-requests.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { readJson } from './kept-sound.ts';
import { ASKS, doing, type Ground, HANGS_UP, makeGround } from './own-server.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await makeGround();
});

afterAll(() => ground.clear());

/** Places a call and resolves once the assistant speaks on it. */
async function callUntilHeard(baseUrl: string): Promise<ReturnType<typeof startCall>> {
  return new Promise((resolve) => {
    const call = startCall({
      baseUrl,
      ...scenarioCall(doing(ASKS, HANGS_UP)),
      onProgress: (progress) => {
        if (progress.kind === 'assistant' && progress.playing) resolve(call);
      },
    });
  });
}

describe('SIGTERM', { timeout: 60_000 }, () => {
  test('lets a live call finish and refuses new ones politely; the same signal again changes nothing', async () => {
    const server = await ground.start({ DRAIN_SECONDS: '25' });
    const call = await callUntilHeard(server.baseUrl);
    server.signal('SIGTERM');
    server.signal('SIGTERM');
    await expect
      .poll(() => server.log.map(({ msg }) => msg))
      .toContain('stopping: no new calls, live ones may finish');
    const refused = await placeCall({
      baseUrl: server.baseUrl,
      callSid: newSid('CA'),
      ...scenarioCall(doing(HANGS_UP)),
    });
    expect(refused.streams).toEqual([]);
    expect(refused.twiml.join()).toMatch(/<Say[^>]*>[^<]+<\/Say>/);
    expect(refused.endedBy).toBe('application');
    server.signal('SIGINT');
    const report = await call.report;
    expect(report.endedBy).toBe('caller');
    expect(await server.ended).toBe(0);
    const json = readJson(ground.folder, call.callSid);
    expect(json.durationMs).toBeGreaterThan(report.streams[0]!.lengthMs - 25);
    expect(json).toMatchObject({ pending: 0, summaryBy: 'chat', endReason: 'completed' });
    expect(ground.state('journals')).toEqual([]);
  });

  test('ends calls that last longer than DRAIN_SECONDS, with their files', async () => {
    const server = await ground.start({ DRAIN_SECONDS: '1' });
    const call = await callUntilHeard(server.baseUrl);
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    const report = await call.report;
    expect(report.endedBy).not.toBe('caller');
    const json = readJson(ground.folder, call.callSid);
    expect(json.endReason).toBe('the server is shutting down');
    expect(json.durationMs).toBeGreaterThan(900);
    expect(ground.state('journals')).toEqual([]);
  });

  test('sent again after two seconds ends live calls at once', async () => {
    const server = await ground.start({ DRAIN_SECONDS: '600' });
    const call = await callUntilHeard(server.baseUrl);
    const again = new TwilioRequests({ baseUrl: server.baseUrl });
    server.signal('SIGTERM');
    setTimeout(() => server.signal('SIGTERM'), 2_300);
    // Meanwhile it still answers.
    expect((await again.post('/call-status', { CallSid: newSid('CA'), CallStatus: 'ringing' })).status).toBe(
      204,
    );
    expect(await server.ended).toBe(0);
    expect(readJson(ground.folder, call.callSid).endReason).toBe('the server is shutting down');
    await call.report;
  });
});
