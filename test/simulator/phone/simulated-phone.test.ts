import twilio from 'twilio';
import { afterEach, describe, expect, it } from 'vitest';
import type { CallerStep } from '../../../src/simulator/phone/caller-script.ts';
import { CallerDirector } from '../../../src/simulator/phone/caller-script.ts';
import { MediaServer } from '../../../src/simulator/phone/media-server.ts';
import type { CallOptions } from '../../../src/simulator/phone/simulated-phone.ts';
import { placeCall, startCall } from '../../../src/simulator/phone/simulated-phone.ts';
import { EchoApplication } from './echo-application.ts';

const running: EchoApplication[] = [];
afterEach(() => {
  for (const application of running.splice(0)) application.close();
});
async function start(...parts: Parameters<typeof EchoApplication.start>): Promise<EchoApplication> {
  const application = await EchoApplication.start(...parts);
  running.push(application);
  return application;
}

const connect = (url: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><Response><Connect action="/again?x=1&amp;y=2"><Stream url="${url}"><Parameter name="token" value="a&amp;b"/></Stream></Connect><Hangup/></Response>`;
const goodbye = '<Response><Hangup/></Response>';
const tone = (ms: number) => new Uint8Array(ms * 8).fill(0x10);
const after = (ms: number, step: 'hangUp' | 'breakStream' = 'hangUp'): CallerStep => ({
  do: step,
  when: { atMs: ms },
});

function call(application: EchoApplication, steps: readonly CallerStep[], more: Partial<CallOptions> = {}) {
  return placeCall({
    ...{ baseUrl: application.url, from: '+15550100', to: '+15550199' },
    ...{ director: new CallerDirector(steps), side: (names) => new MediaServer(names) },
    ...more,
  });
}

const PUBLIC = 'https://phone.example.com';
const WSS = 'wss://phone.example.com/media-stream';

describe('the simulated phone', () => {
  it('signs webhook, upgrade and status callback as the twilio package wants them, under the public name', async () => {
    const application = await start(
      (path) => (path === '/incoming-call' ? connect(WSS) : goodbye),
      () => undefined,
    );
    const report = await call(application, [after(100)], { publicUrl: PUBLIC, authToken: 'secret' });
    expect(report.troubles).toEqual([]);
    expect(application.hooks.map(({ path }) => path)).toEqual(['/incoming-call', '/call-status']);
    for (const { path, fields, headers } of application.hooks) {
      const signature = String(headers['x-twilio-signature']);
      expect(twilio.validateRequest('secret', signature, PUBLIC + path, fields)).toBe(true);
      expect(headers.host).toBe('phone.example.com');
    }
    const [upgrade] = application.upgrades;
    const signature = String(upgrade?.headers['x-twilio-signature']);
    expect(twilio.validateRequest('secret', signature, WSS, {})).toBe(true);
    expect(application.hooks[1]?.fields).toMatchObject({ CallStatus: 'completed', CallSid: report.callSid });
    expect(application.received.at(1)?.start?.customParameters).toEqual({ token: 'a&b' });
  });

  it('signs nothing without a token, and can go straight to the stream', async () => {
    const application = await start(
      () => goodbye,
      () => undefined,
    );
    const report = await call(application, [after(100)], { direct: true });
    expect(application.hooks).toEqual([]);
    expect(application.upgrades[0]?.headers['x-twilio-signature']).toBeUndefined();
    expect(application.received.at(-1)?.event).toBe('stop');
    expect(report.streams.map(({ endedBy }) => endedBy)).toEqual(['caller']);
  });

  it('hears what the application sends back, later by both delays, and returns its marks', async () => {
    const application = await start(
      () => goodbye,
      ({ event, media }, send) => {
        if (event === 'start') send({ event: 'mark', mark: { name: 'first' } });
        const payload = media?.payload ?? '';
        if (Buffer.from(payload, 'base64').includes(0x10)) send({ event: 'media', media: { payload } });
      },
    );
    const speak: CallerStep = { do: 'speak', audio: tone(200), when: { atMs: 100 } };
    const report = await call(application, [speak, after(700)], {
      ...{ direct: true, upDelay: { fixedMs: 120 }, downDelay: { fixedMs: 30 } },
    });
    const [stream] = report.streams;
    const said = stream?.callerTrack.indexOf(0x10) ?? -1;
    const heard = stream?.playedAssistant.indexOf(0x10) ?? -1;
    expect(said).toBeGreaterThanOrEqual(800);
    expect(said).toBeLessThan(800 + 26 * 8);
    expect((heard - said) / 8).toBeGreaterThanOrEqual(150);
    expect((heard - said) / 8).toBeLessThan(250);
    expect(stream?.playedAssistant.filter((code) => code === 0x10).length).toBe(1600);
    expect(stream?.marks.map(({ name }) => name)).toEqual(['first']);
    expect(stream?.marks[0]?.atMs).toBeGreaterThanOrEqual(150);
    expect(stream?.lengthMs).toBeGreaterThanOrEqual(700);
    expect(stream?.lengthMs).toBeLessThan(710);
  });

  it('follows the action with a new stream when the application closes, and ends at Hangup', async () => {
    const application = await start(
      (path, visit) => (path === '/incoming-call' || visit === 1 ? connect('/media-stream') : goodbye),
      ({ media }, _send, socket) => {
        if (media?.timestamp === '40') socket.close();
      },
    );
    const report = await call(application, [], { statusPath: false });
    expect(application.hooks.map(({ path }) => path)).toEqual([
      '/incoming-call',
      '/again?x=1&y=2',
      '/again?x=1&y=2',
    ]);
    expect(new Set(report.streams.map(({ streamSid }) => streamSid)).size).toBe(2);
    expect(report.streams.map(({ endedBy }) => endedBy)).toEqual(['application', 'application']);
    expect(report.endedBy).toBe('application');
    expect(report.twiml.length).toBe(3);
  });

  it('goes on with a new stream when the line broke', async () => {
    const application = await start(
      () => connect('/media-stream'),
      () => undefined,
    );
    const report = await call(application, [after(60, 'breakStream'), after(80)], { statusPath: false });
    expect(report.streams.map(({ endedBy, closeCode }) => [endedBy, closeCode])).toEqual([
      ['line', 1006],
      ['caller', 1000],
    ]);
    expect(application.received.filter(({ event }) => event === 'stop').length).toBe(1);
  });

  it('says what went wrong when the handshake or the webhook is refused', async () => {
    const application = await start(
      (path) => (path === '/incoming-call' ? connect('/media-stream') : goodbye),
      () => undefined,
    );
    application.admits = false;
    const refused = await call(application, []);
    expect(refused.streams.map(({ endedBy, closeCode }) => [endedBy, closeCode])).toEqual([['refused', 403]]);
    expect(refused.troubles).toEqual(['31920: the handshake was answered with 403']);
    const broken = await start(
      () => '<Response><Connect></Response>',
      () => undefined,
    );
    expect(await call(broken, [])).toMatchObject({
      endedBy: 'failed',
      troubles: [expect.stringContaining('TwiML')],
    });
  });

  it('hangs up when it is told to from outside, once', async () => {
    const application = await start(
      () => connect('/media-stream'),
      () => undefined,
    );
    const live = startCall({
      ...{ baseUrl: application.url, from: 'a', to: 'b', director: new CallerDirector([]) },
      ...{
        side: (names) => new MediaServer(names),
        onProgress: ({ kind }) => kind === 'stream' && live.hangUp('rest'),
      },
    });
    const report = await live.report;
    expect(report.endedBy).toBe('rest');
    expect(live.hangUp()).toBe(false);
    expect(application.received.at(-1)?.event).toBe('stop');
  });

  it('reports how long a barge-in took and how soon an answer came', async () => {
    const application = await start(
      () => goodbye,
      ({ event, media }, send) => {
        const payload = Buffer.from(tone(400)).toString('base64');
        if (event === 'start' || media?.timestamp === '500') send({ event: 'media', media: { payload } });
        if (media?.timestamp === '200') send({ event: 'clear' });
      },
    );
    const bargeIn: CallerStep = { do: 'speak', audio: tone(100), when: { assistantHeardMs: 100 } };
    const report = await call(application, [bargeIn, after(600)], { direct: true });
    const [speech] = report.streams[0]?.speeches ?? [];
    expect(speech?.talkedOverMs).toBeGreaterThan(50);
    expect(speech?.talkedOverMs).toBeLessThan(150);
    expect(speech?.answeredAfterMs).toBeGreaterThan(230);
    expect(speech?.answeredAfterMs).toBeLessThan(400);
  });

  it('carries sixty calls at once without losing a frame', async () => {
    const application = await start(
      () => goodbye,
      ({ media }, send) => {
        if (media) send({ event: 'media', media: { payload: media.payload } });
      },
    );
    const steps: CallerStep[] = [{ do: 'speak', audio: tone(1000), when: { atMs: 0 } }, after(1500)];
    const reports = await Promise.all(
      Array.from({ length: 60 }, () => call(application, steps, { direct: true, pingEveryMs: 200 })),
    );
    const frames = application.received.filter(({ event }) => event === 'media').length;
    expect(frames).toBeGreaterThanOrEqual(60 * 75);
    for (const { streams } of reports) {
      expect(streams[0]?.callerTrack.filter((code) => code === 0x10).length).toBeGreaterThanOrEqual(7840);
      expect(streams[0]?.playedAssistant.filter((code) => code === 0x10).length).toBeGreaterThanOrEqual(7800);
      expect(streams[0]?.roundTripsMs.length).toBeGreaterThan(1);
    }
  });
});
