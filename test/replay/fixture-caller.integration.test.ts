import { afterEach, describe, expect, it } from 'vitest';
import type { FixtureEntry } from '../../src/replay/fixture.ts';
import { fixtureCaller } from '../../src/replay/fixture-caller.ts';
import { MediaServer } from '../../src/replay/media-server.ts';
import { placeCall } from '../../src/replay/simulated-phone.ts';
import { EchoApplication } from './echo-application.ts';

const running: EchoApplication[] = [];
afterEach(() => {
  for (const application of running.splice(0)) application.close();
});

const header = { callSid: 'CA1', from: '+1', to: '+2', startedAt: '2026-11-21T10:00:00.000Z', settings: {} };

/** A recorded stream that began at `startMs`; with `stops` it was hung up after 300 ms, else it broke. */
function recordedStream(streamSid: string, startMs: number, stops: boolean): FixtureEntry[] {
  const server = new MediaServer({
    ...{ streamSid, callSid: 'CA1', accountSid: 'AC1' },
    customParameters: {},
  });
  server.callerSpeaks(new Uint8Array(800).fill(stops ? 2 : 1), 60);
  const sent = [...server.advance(250), ...(stops ? server.stop(300) : [])];
  return sent.map(({ atMs, text }) => ({
    ...{ atMs: startMs + atMs, from: 'twilio' },
    message: JSON.parse(text) as Record<string, unknown>,
  }));
}

describe('a recorded caller', () => {
  it('calls again over a real socket, through both streams of its call', async () => {
    const twiml =
      '<Response><Connect action="/incoming-call"><Stream url="/media-stream"/></Connect></Response>';
    const application = await EchoApplication.start(
      () => twiml,
      ({ event, media }, send, socket) => {
        if (event === 'start') send({ event: 'mark', mark: { name: 'hello' } });
        // The first stream was ended by the application, so it ends it again.
        if (media?.timestamp === '240' && application.upgrades.length === 1) socket.close();
      },
    );
    running.push(application);
    const entries = [...recordedStream('MZ1', 100, false), ...recordedStream('MZ2', 900, true)];
    const report = await placeCall({
      ...{ baseUrl: application.url, ...fixtureCaller({ header, entries }), statusPath: false },
    });
    expect(report.troubles).toEqual([]);
    expect(report.streams.map(({ endedBy }) => endedBy)).toEqual(['application', 'caller']);
    expect(report.endedBy).toBe('caller');
    expect(report.streams.map(({ marks }) => marks.map(({ name }) => name))).toEqual([['hello'], ['hello']]);
    const said = report.streams.map(({ callerTrack }) => [callerTrack.indexOf(1), callerTrack.indexOf(2)]);
    expect(said).toEqual([
      [480, -1],
      [-1, 480],
    ]);
    const stamps = application.received.flatMap(({ media }) => media?.timestamp ?? []);
    const recorded = entries.flatMap((entry) => {
      const { media } = 'message' in entry ? (entry.message as { media?: { timestamp: string } }) : {};
      return media?.timestamp ?? [];
    });
    expect(stamps).toEqual(recorded);
  });
});
