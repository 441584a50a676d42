import twilio from 'twilio';
import { afterEach, describe, expect, it } from 'vitest';
import { CallerDirector } from '../../../src/simulator/phone/caller-script.ts';
import { MediaServer } from '../../../src/simulator/phone/media-server.ts';
import { startCall } from '../../../src/simulator/phone/simulated-phone.ts';
import { EchoApplication } from './echo-application.ts';
import { after, call } from './phone-to-application.ts';

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
const PUBLIC = 'https://phone.example.com';
const WSS = 'wss://phone.example.com/media-stream';

describe('the simulated phone', () => {
  it('signs webhook, upgrade and status callback like the twilio package, with the public URL', async () => {
    const application = await start(
      (path) => (path === '/incoming-call' ? connect(WSS) : goodbye),
      () => undefined,
    );
    const report = await call(application, [after(100)], { publicUrl: PUBLIC, authToken: 'secret' });
    expect(report.errors).toEqual([]);
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

  it('signs nothing without a token, and can start the stream directly', async () => {
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

  it('follows the action with a new stream when the application closes, and ends at Hangup', async () => {
    const application = await start(
      (path, visit) => (path === '/incoming-call' || visit === 1 ? connect('/media-stream') : goodbye),
      ({ media }, _send, socket) => {
        if (media?.timestamp === '40') socket.close();
      },
    );
    const report = await call(application, [], { reportsEnd: false });
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

  it('continues with a new stream after a broken line', async () => {
    const application = await start(
      () => connect('/media-stream'),
      () => undefined,
    );
    const report = await call(application, [after(60, 'breakStream'), after(80)], { reportsEnd: false });
    expect(report.streams.map(({ endedBy, closeCode }) => [endedBy, closeCode])).toEqual([
      ['line', 1006],
      ['caller', 1000],
    ]);
    expect(application.received.filter(({ event }) => event === 'stop').length).toBe(1);
  });

  it('reports why the handshake or the webhook was refused', async () => {
    const application = await start(
      (path) => (path === '/incoming-call' ? connect('/media-stream') : goodbye),
      () => undefined,
    );
    application.admits = false;
    const refused = await call(application, []);
    expect(refused.streams.map(({ endedBy, closeCode }) => [endedBy, closeCode])).toEqual([['refused', 403]]);
    expect(refused.errors).toEqual(['31920: the handshake was answered with 403']);
    const broken = await start(
      () => '<Response><Connect></Response>',
      () => undefined,
    );
    expect(await call(broken, [])).toMatchObject({
      endedBy: 'failed',
      errors: [expect.stringContaining('TwiML')],
    });
  });

  it('hangs up once on request', async () => {
    const application = await start(
      () => connect('/media-stream'),
      () => undefined,
    );
    const live = startCall({
      baseUrl: application.url,
      caller: {
        from: 'a',
        to: 'b',
        director: new CallerDirector([]),
        side: (names) => new MediaServer(names),
      },
      onProgress: ({ kind }) => kind === 'stream' && live.hangUp('rest'),
    });
    const report = await live.report;
    expect(report.endedBy).toBe('rest');
    expect(live.hangUp()).toBe(false);
    expect(application.received.at(-1)?.event).toBe('stop');
  });
});
