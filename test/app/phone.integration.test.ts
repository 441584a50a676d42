import { existsSync, readdirSync, statSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { decodeSound } from '../support/npm-decoders.ts';
import { RawStream, Webhooks } from '../support/raw-stream.ts';
import { twilioSignature } from '../../src/simulator/phone/twilio-signature.ts';
import { TWILIO } from '../support/test-server.ts';
import { PhoneScene } from './phone-scene.ts';

const scene = new PhoneScene();
afterAll(() => scene.close());

describe.concurrent('an incoming call', () => {
  it('is answered with a stream, its token, the action URL, and a hang-up after it', async () => {
    const offhook = await scene.start();
    const { body, verbs, token } = await new Webhooks(offhook).ring(newSid('CA'));
    expect(verbs).toEqual(['Connect', 'Hangup']);
    expect(body).toContain('url="wss://phone.example.test/media-stream"');
    expect(body).toContain('action="https://phone.example.test/incoming-call/continued"');
    expect(token).toMatch(/^[\w-]{32}$/);
  });

  it('gets a polite busy message beyond the limit, and the next call is accepted when a line is free', async () => {
    const offhook = await scene.start({ MAX_CALLS: '1' });
    const webhooks = new Webhooks(offhook);
    const [first, second] = [newSid('CA'), newSid('CA')];
    const { token } = await webhooks.ring(first);
    const busy = await webhooks.ring(second);
    expect(busy.verbs).toEqual(['Say', 'Hangup']);
    expect(busy.body).toContain('All our lines are busy');
    const stream = await RawStream.open(offhook);
    stream.start(first, token);
    stream.frames(10);
    await stream.read();
    expect((await webhooks.ring(second)).verbs).toEqual(['Say', 'Hangup']);
    stream.stop(first);
    await stream.read();
    await webhooks.completed(first);
    expect((await webhooks.ring(second)).verbs).toEqual(['Connect', 'Hangup']);
    await offhook.finished(first);
    expect(existsSync(offhook.fileOf(`call_${second}.json`))).toBe(false);
  });

  it('is answered and recorded beside others at the same time', async () => {
    const offhook = await scene.start({ DEFAULT_AUDIO_FORMAT: 'wav' });
    const webhooks = new Webhooks(offhook);
    const calls = await Promise.all(
      [20, 40, 60, 80].map(async (frames) => {
        const callSid = newSid('CA');
        const { token } = await webhooks.ring(callSid);
        const stream = await RawStream.open(offhook);
        stream.start(callSid, token);
        await stream.read();
        return { callSid, frames, stream };
      }),
    );
    expect((await offhook.health())['activeCalls']).toBe(calls.length);
    for (let frame = 0; frame < 20; frame += 1)
      for (const { stream, frames } of calls) stream.frames(frames / 20);
    for (const { stream, callSid } of calls) {
      await stream.read();
      stream.stop(callSid);
      await webhooks.completed(callSid);
      await offhook.finished(callSid);
    }
    const received = calls.map(({ callSid }) => offhook.json(callSid).figures.framesReceived);
    expect(received).toEqual(calls.map(({ frames }) => frames));
  });

  it('gets a new token for each repeated webhook until its stream exists; then, and after its end, only a hang-up', async () => {
    const offhook = await scene.start({ DEFAULT_AUDIO_FORMAT: 'wav' });
    const webhooks = new Webhooks(offhook);
    const callSid = newSid('CA');
    const tokens = [(await webhooks.ring(callSid)).token, (await webhooks.ring(callSid)).token];
    expect(tokens[0]).not.toBe(tokens[1]);
    const stream = await RawStream.open(offhook);
    stream.start(callSid, tokens[1]);
    stream.frames(50);
    await stream.read();
    expect((await webhooks.ring(callSid)).verbs).toEqual(['Hangup']);
    stream.stop(callSid);
    await stream.read();
    await webhooks.completed(callSid);
    await offhook.finished(callSid);
    const file = offhook.fileOf(`call_${callSid}_conversation.wav`);
    const before = statSync(file);
    expect((await webhooks.ring(callSid)).verbs).toEqual(['Hangup']);
    expect((await webhooks.continued(callSid)).verbs).toEqual(['Hangup']);
    const again = await RawStream.open(offhook);
    again.start(callSid, tokens[0]);
    again.frames(50);
    expect(await again.closed).toBe(1008);
    const { ino, mtimeMs, size } = statSync(file);
    expect({ ino, mtimeMs, size }).toEqual({ ino: before.ino, mtimeMs: before.mtimeMs, size: before.size });
    expect(offhook.finishes(callSid)).toHaveLength(1);
  });

  it('continues in a new stream with a new token after a broken one, as one call', async () => {
    const offhook = await scene.start({ DEFAULT_AUDIO_FORMAT: 'wav' });
    const webhooks = new Webhooks(offhook);
    const callSid = newSid('CA');
    const first = await RawStream.open(offhook);
    const { token } = await webhooks.ring(callSid);
    first.start(callSid, token);
    first.frames(25);
    await first.read();
    first.tear();
    await first.closed;
    const again = await webhooks.continued(callSid);
    expect(again.verbs).toEqual(['Connect', 'Hangup']);
    const second = await RawStream.open(offhook);
    second.start(callSid, again.token);
    second.frames(25);
    await second.read();
    second.stop(callSid);
    await second.read();
    expect((await webhooks.continued(callSid, 'completed')).verbs).toEqual(['Hangup']);
    await offhook.finished(callSid);
    expect(offhook.json(callSid).streams.map(({ streamSid }) => streamSid)).toEqual([
      first.streamSid,
      second.streamSid,
    ]);
  });
});

describe.concurrent('webhooks of another Twilio account', () => {
  it('are refused, logged and counted, although they are signed', async () => {
    const offhook = await scene.start({ TWILIO_ACCOUNT_SID: TWILIO.accountSid });
    const webhooks = new Webhooks(offhook);
    const other = `AC${'9'.repeat(32)}`;
    const refused = await webhooks.ring(newSid('CA'), { AccountSid: other });
    expect([refused.status, refused.body]).toEqual([
      403,
      'The request is of another Twilio account than TWILIO_ACCOUNT_SID.',
    ]);
    const path = `/incoming-call?CallSid=${newSid('CA')}&AccountSid=${other}`;
    const signature = twilioSignature(TWILIO.authToken, `${TWILIO.publicUrl}${path}`);
    const byGet = await fetch(offhook.url + path, { headers: { 'x-twilio-signature': signature } });
    expect(byGet.status).toBe(403);
    expect((await webhooks.ring(newSid('CA'), { AccountSid: TWILIO.accountSid })).verbs).toEqual([
      'Connect',
      'Hangup',
    ]);
    const lines = offhook.logged.filter((one) => one.includes('another Twilio account'));
    expect(JSON.parse(lines[1]!)).toMatchObject({ accountSid: other, path: '/incoming-call', refused: 2 });
    expect(await offhook.health()).toMatchObject({ foreignAccountWebhooks: 2 });
  });
});

describe.concurrent('stream status callbacks', () => {
  it('are logged with the reason of a failure', async () => {
    const offhook = await scene.start();
    const [CallSid, StreamSid] = [newSid('CA'), newSid('MZ')];
    const fields = { CallSid, StreamSid, StreamEvent: 'stream-error', StreamError: 'Stream - TLS error' };
    expect((await new Webhooks(offhook).post('/stream-status', fields)).status).toBe(204);
    const line = offhook.logged.find((one) => one.includes('stream status'));
    expect(JSON.parse(line!)).toMatchObject({
      callSid: CallSid,
      streamSid: StreamSid,
      event: 'stream-error',
      error: 'Stream - TLS error',
    });
  });
});

describe.concurrent('the recording format', () => {
  it('can be set from ringing until the end of the call, and not later', async () => {
    const offhook = await scene.start();
    const webhooks = new Webhooks(offhook);
    const callSid = newSid('CA');
    expect((await offhook.setFormat(callSid, 'wav')).status).toBe(404);
    const { token } = await webhooks.ring(callSid);
    const ringing = await offhook.setFormat(callSid, 'flac');
    expect(ringing.status).toBe(200);
    expect(await ringing.json()).toEqual({
      callSid,
      format: 'flac',
      file: `call_${callSid}_conversation.flac`,
    });
    const stream = await RawStream.open(offhook);
    stream.start(callSid, token);
    stream.frames(50);
    await stream.read();
    expect((await offhook.setFormat(callSid, 'mp4')).status).toBe(400);
    expect((await offhook.setFormat(callSid, 'wav')).status).toBe(200);
    stream.stop(callSid);
    await stream.read();
    expect((await offhook.setFormat(callSid, 'ogg')).status).toBe(200);
    await webhooks.completed(callSid);
    expect((await offhook.setFormat(callSid, 'mp3')).status).toBe(409);
    await offhook.finished(callSid);
    expect((await offhook.setFormat(callSid, 'mp3')).status).toBe(409);
    const recordings = readdirSync(offhook.directory).filter((name) => name.includes('_conversation.'));
    expect(recordings).toEqual([`call_${callSid}_conversation.ogg`]);
    expect((await decodeSound(offhook.fileOf(recordings[0]!))).sampleRateHz).toBeGreaterThan(0);
  });

  it('is kept if it was set while the call was ringing', async () => {
    const offhook = await scene.start();
    const webhooks = new Webhooks(offhook);
    const callSid = newSid('CA');
    const { token } = await webhooks.ring(callSid);
    await offhook.setFormat(callSid, 'flac');
    const stream = await RawStream.open(offhook);
    stream.start(callSid, token);
    stream.frames(50);
    stream.stop(callSid);
    await stream.read();
    await webhooks.completed(callSid);
    await offhook.finished(callSid);
    expect(offhook.json(callSid).audio?.format).toBe('flac');
  });
});

describe.concurrent('without a Twilio token', () => {
  it('only local requests may start a call without webhook and token', async () => {
    const offhook = await scene.startUnsigned({ DEFAULT_AUDIO_FORMAT: 'wav' });
    const ring = (headers: Record<string, string>) =>
      fetch(`${offhook.url}/incoming-call`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: `CallSid=${newSid('CA')}`,
      });
    expect((await ring({})).status).toBe(200);
    for (const name of ['x-forwarded-for', 'forwarded', 'cf-connecting-ip', 'x-real-ip', 'via']) {
      const refused = await ring({ [name]: '127.0.0.1' });
      expect(refused.status).toBe(403);
      expect(await refused.text()).toContain('TWILIO_AUTH_TOKEN');
      expect(await RawStream.refusal(offhook, '/media-stream', { [name]: '127.0.0.1' })).toBe(403);
    }
    expect(await RawStream.refusal(offhook, '/media-stream', { host: 'phone.example.test' })).toBe(403);
    expect(await RawStream.refusal(offhook, '/media-stream', { origin: 'https://elsewhere.example' })).toBe(
      403,
    );
    const stream = await RawStream.open(offhook, {});
    const callSid = newSid('CA');
    stream.start(callSid);
    stream.frames(25);
    await stream.read();
    stream.stop(callSid);
    await offhook.finished(callSid);
    expect(offhook.json(callSid)).toMatchObject({ durationMs: 500, from: 'unknown' });
  });
});
