import { existsSync, readdirSync, statSync } from 'node:fs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { readJournal } from '../../src/journal/journal-reader.ts';
import { readAllScenarios, readScenario, type Scenario } from '../../src/simulator/fixtures/scenario.ts';
import {
  newSid,
  placeCall,
  type SimulatedCall,
  startCall,
} from '../../src/simulator/phone/simulated-phone.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../doubles/fake-openai.ts';
import { type FakeTwilioRest, startFakeTwilioRest } from '../doubles/fake-twilio-rest.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { ffprobe } from '../support/ffprobe.ts';
import { RawStream, Webhooks } from '../support/raw-stream.ts';
import { Offhook, SIGNED, TWILIO } from '../support/test-server.ts';

/** Tests run side by side: everything is closed at the end. */
const open: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(open.map((each) => each.close())));

async function start(environment: Record<string, string> = {}): Promise<Offhook> {
  const offhook = await Offhook.start({ ...SIGNED, ...environment });
  open.push(offhook);
  return offhook;
}

async function startOpenAi(): Promise<FakeOpenAi> {
  const openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  open.push(openAi);
  return openAi;
}

const keyFor = ({ url }: FakeOpenAi) => ({ OPENAI_API_KEY: 'x', OPENAI_BASE_URL: url });

vi.setConfig({ testTimeout: 90_000 });

/** A caller who never says a word, and an answering machine that soon has enough. */
const silentCaller: Scenario = { ...readScenario('message'), steps: [] };
const IMPATIENT = { MESSAGE_PAUSE_MS: '1000', MESSAGE_SILENCE_MS: '2000' };

/** One call, and a Twilio that ends it when asked. */
class Telephone {
  call: SimulatedCall | undefined;
  rest: FakeTwilioRest | undefined;

  async start(): Promise<Record<string, string>> {
    const { accountSid, authToken } = TWILIO;
    const hangUp = (callSid: string): boolean => this.call?.callSid === callSid && this.call.hangUp('rest');
    this.rest = await startFakeTwilioRest({ accountSid, authToken, hangUp });
    open.push(this.rest);
    return { TWILIO_ACCOUNT_SID: accountSid, TWILIO_API_BASE_URL: this.rest.url };
  }
}

describe.concurrent('a call that comes in', () => {
  it('is answered with a stream, its token, and where to ask when it ends; and a hang-up behind it', async () => {
    const offhook = await start();
    const { body, verbs, token } = await new Webhooks(offhook).ring(newSid('CA'));
    expect(verbs).toEqual(['Connect', 'Hangup']);
    expect(body).toContain('url="wss://phone.example.test/media-stream"');
    expect(body).toContain('action="https://phone.example.test/incoming-call/continued"');
    expect(token).toMatch(/^[\w-]{32}$/);
  });

  it('too many hears a polite busy answer, and the next one gets in when a line is free', async () => {
    const offhook = await start({ MAX_CALLS: '1' });
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

  it('twice gets a new token each time, until its stream is there; then, and when it is over, only a hang-up', async () => {
    const offhook = await start({ DEFAULT_AUDIO_FORMAT: 'wav' });
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

  it('goes on in a new stream when the first one broke, with a new token, and is one call', async () => {
    const offhook = await start({ DEFAULT_AUDIO_FORMAT: 'wav' });
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

describe.concurrent('when offhook hangs up', () => {
  it('it asks Twilio to, 300 ms after the last mark came back', async () => {
    const telephone = new Telephone();
    const offhook = await start({ ...IMPATIENT, ...(await telephone.start()) });
    telephone.call = startCall({ ...offhook.signedAddress, ...scenarioCall(silentCaller) });
    const report = await telephone.call.report;
    expect(report.troubles).toEqual([]);
    expect(report.endedBy).toBe('rest');
    expect(telephone.rest?.requests.map(({ callSid, status }) => [callSid, status])).toEqual([
      [report.callSid, 200],
    ]);
    const [stream] = report.streams;
    const afterLastMarkMs = stream!.lengthMs - stream!.marks.at(-1)!.atMs;
    expect(afterLastMarkMs).toBeGreaterThanOrEqual(300);
    expect(afterLastMarkMs).toBeLessThan(800);
    await offhook.finished(report.callSid);
    const { turns } = offhook.json(report.callSid);
    expect(turns.at(-1)).toMatchObject({
      speaker: 'assistant',
      cut: false,
      text: 'Thank you for your message. Goodbye.',
    });
  });

  it.each([
    ['fails', { kind: 'status', status: 500 }],
    ['hangs', { kind: 'hang' }],
  ] as const)(
    'and Twilio’s interface %s, it closes the stream and lets the call go no further',
    async (_, fault) => {
      const telephone = new Telephone();
      const offhook = await start({ ...IMPATIENT, ...(await telephone.start()) });
      telephone.rest?.setFault(fault);
      telephone.call = startCall({ ...offhook.signedAddress, ...scenarioCall(silentCaller) });
      const report = await telephone.call.report;
      expect(report.streams).toHaveLength(1);
      expect(report.streams[0]?.endedBy).toBe('application');
      expect(report.twiml.at(-1)).toContain('<Hangup/>');
      expect(report.twiml.at(-1)).not.toContain('<Connect');
      await offhook.finished(report.callSid);
      expect(offhook.json(report.callSid).turns.at(-1)?.text).toBe('Thank you for your message. Goodbye.');
    },
  );
});

describe.concurrent('a caller who says nothing', () => {
  it('is asked after a while, and after another one bidden goodbye and hung up on', async () => {
    const [telephone, openAi] = [new Telephone(), await startOpenAi()];
    const offhook = await start({
      ...{ ...keyFor(openAi), ...(await telephone.start()) },
      ...{ STILL_THERE_AFTER_MS: '2000', GOODBYE_AFTER_MS: '2000' },
    });
    telephone.call = startCall({ ...offhook.signedAddress, ...scenarioCall(silentCaller) });
    const report = await telephone.call.report;
    expect(report.endedBy).toBe('rest');
    await offhook.finished(report.callSid);
    const { turns, endReason } = offhook.json(report.callSid);
    expect(turns.map(({ text }) => text)).toEqual([
      'Thank you for calling. How can I help you?',
      'Are you still there?',
      'Thank you for calling. Goodbye.',
    ]);
    expect(endReason).toBe('silence');
    expect(turns[0]!.startMs).toBeLessThan(2_000);
    for (const [before, after] of [turns.slice(0, 2), turns.slice(1)]) {
      const quietMs = after!.startMs - before!.endMs;
      expect(quietMs).toBeGreaterThanOrEqual(1_900);
      expect(quietMs).toBeLessThan(3_000);
    }
  });
});

describe.concurrent('what Twilio says of its streams', () => {
  it('is logged, with the reason of a failure', async () => {
    const offhook = await start();
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

describe.concurrent('keys', () => {
  it('stand in the transcript and are told to the chat model', async () => {
    const openAi = await startOpenAi();
    const offhook = await start({ ...keyFor(openAi), DEFAULT_AUDIO_FORMAT: 'wav' });
    const report = await placeCall({ ...offhook.signedAddress, ...scenarioCall(readScenario('keys')) });
    await offhook.finished(report.callSid);
    const lines = offhook.transcript(report.callSid).trim().split('\n');
    const keys = lines.flatMap((line) => /\] Caller: \[pressed (.)\]$/.exec(line)?.[1] ?? []);
    expect(keys).toEqual(['5', '5', '1', '2']);
    const asked = openAi.requests.filter(({ service }) => service === 'chat').at(-1)?.body['messages'];
    expect(JSON.stringify(asked)).toMatch(/\[pressed 5\].*\[pressed 5\].*\[pressed 1\].*\[pressed 2\]/);
  });
});

describe.concurrent('the format of the recording', () => {
  it('can be set from the first ring to the last moment, and not after it', async () => {
    const offhook = await start();
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
    expect(ffprobe(offhook.fileOf(recordings[0]!)).codec).toBe('vorbis');
  });

  it('that was set while it rang holds', async () => {
    const offhook = await start();
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

describe.concurrent('with recording off', () => {
  it('no sound is kept anywhere, no format can be set, and the texts come all the same', async () => {
    const openAi = await startOpenAi();
    const offhook = await start({ ...keyFor(openAi), RECORD_CONVERSATIONS: 'false', KEEP_JOURNALS: 'true' });
    const callSid = newSid('CA');
    let asked: Promise<Response> | undefined;
    await placeCall({
      ...{ ...offhook.signedAddress, callSid },
      ...scenarioCall(readScenario('barge-in-greeting')),
      onProgress: ({ kind }) => {
        if (kind === 'stream') asked ??= offhook.setFormat(callSid, 'flac');
      },
    });
    expect((await asked)?.status).toBe(409);
    await offhook.finished(callSid);
    expect(
      readdirSync(offhook.directory)
        .filter((name) => name.startsWith('call_'))
        .sort(),
    ).toEqual([`call_${callSid}.json`, `call_${callSid}.txt`, `call_${callSid}_summary.txt`]);
    expect(offhook.json(callSid).audio).toBeNull();
    expect(offhook.summary(callSid)).toContain('Audio File: none (recording is off)');
    expect(offhook.transcript(callSid)).toContain('Caller: Hello, I need a taxi to the station.');
    expect(offhook.transcript(callSid)).not.toMatch(/transcribed\]/);
    const journal = offhook.fileOf(`.offhook/kept/${callSid}.journal`);
    await vi.waitFor(() => expect(existsSync(journal)).toBe(true));
    const events = [...readJournal(journal)];
    const sounds = events.filter((event) => event.kind === 'caller' || event.kind === 'sent');
    expect(sounds.length).toBeGreaterThan(300);
    expect(sounds.every((event) => event.mulaw.length === 0 && event.samples > 0)).toBe(true);
    expect(statSync(journal).size).toBeLessThan(sounds.length * 60 + 50_000);
  });
});

describe.concurrent('without a key', () => {
  it('offhook is an answering machine: greeting, tone, a word in the pause, and every file', async () => {
    const offhook = await start({ DEFAULT_AUDIO_FORMAT: 'wav' });
    const report = await placeCall({ ...offhook.signedAddress, ...scenarioCall(readScenario('message')) });
    await offhook.finished(report.callSid);
    const words = offhook
      .transcript(report.callSid)
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\[[\d:.]+\] /, ''));
    expect(words[0]).toMatch(/^Assistant: .*after the tone/i);
    expect(words.filter((line) => line === 'Caller: [not yet transcribed]').length).toBeGreaterThanOrEqual(2);
    expect(words).toContain('Assistant: Thank you. You may add something, or hang up.');
    const { turns, pending, summaryBy } = offhook.json(report.callSid);
    expect(pending).toBe(turns.filter(({ speaker }) => speaker === 'caller').length);
    expect(summaryBy).toBe('extract');
    expect(ffprobe(offhook.fileOf(`call_${report.callSid}_conversation.wav`)).codec).toBe('pcm_s16le');
    const [caller] = turns.filter(({ speaker }) => speaker === 'caller');
    const offered = turns.find(({ text }) => text?.includes('You may add something'));
    expect(offered!.startMs - caller!.endMs).toBeGreaterThanOrEqual(1_900);
    expect(offered!.startMs - caller!.endMs).toBeLessThanOrEqual(4_000);
  });
});

describe.concurrent('without a Twilio token', () => {
  it('this very machine may call without webhook and token, and nobody else', async () => {
    const offhook = await Offhook.start({ DEFAULT_AUDIO_FORMAT: 'wav' });
    open.push(offhook);
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
