import { afterEach, describe, expect, it } from 'vitest';
import type { CallerStep } from '../../../src/simulator/phone/caller-script.ts';
import { EchoApplication } from './echo-application.ts';
import { after, call, tone } from './phone-to-application.ts';

const running: EchoApplication[] = [];
afterEach(() => {
  for (const application of running.splice(0)) application.close();
});
async function start(...parts: Parameters<typeof EchoApplication.start>): Promise<EchoApplication> {
  const application = await EchoApplication.start(...parts);
  running.push(application);
  return application;
}

const goodbye = '<Response><Hangup/></Response>';

describe('the simulated phone', () => {
  it('hears what the application sends, later by both delays, and returns its marks', async () => {
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
      direct: true,
      network: { up: { fixedMs: 120 }, down: { fixedMs: 30 } },
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

  it('reports the times of a barge-in and of an answer', async () => {
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
