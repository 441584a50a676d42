import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeMulaw } from '../../src/audio/mulaw.ts';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { twilioSignature } from '../../src/simulator/phone/twilio-signature.ts';
import { comesTrue } from '../support/comes-true.ts';
import { decodeSound } from '../support/npm-decoders.ts';
import { NONSENSE, RawCalls } from '../support/raw-calls.ts';
import { RawStream, Webhooks } from '../support/raw-stream.ts';
import { StillClock } from '../support/still-clock.ts';
import { Offhook, SIGNED, TWILIO } from '../support/test-server.ts';

const PATHS = ['/incoming-call', '/incoming-call/continued', '/call-status', '/stream-status'];
const FORM = 'application/x-www-form-urlencoded';
/** Two codes that are far apart: which socket a sound came from can be heard. */
const LOUD = 0x20;
const OTHER = 0xa0;
const LOUD_PCM = decodeMulaw(Uint8Array.of(LOUD))[0]!;
const OTHER_PCM = decodeMulaw(Uint8Array.of(OTHER))[0]!;

/** Time stands still: however long the machine takes, the frames that were sent are the whole of a stream. */
const clock = new StillClock();
/** Longer than the server waits for another stream of a call. */
const LINE_LOST_AFTER_MS = 30_000;

let offhook: Offhook;
let webhooks: Webhooks;
let calls: RawCalls;

beforeAll(async () => {
  const settings = { ...SIGNED, DEFAULT_AUDIO_FORMAT: 'wav', RECORDING_CHANNELS: 'stereo' };
  offhook = await Offhook.start(settings, { now: clock.now });
  webhooks = new Webhooks(offhook);
  calls = new RawCalls(offhook);
});
afterAll(() => offhook.close());

const begin = (callSid?: string) => calls.begin(callSid);
const end = (callSid: string, stream: RawStream) => calls.end(callSid, stream);

const filesOf = (callSid: string) => readdirSync(offhook.directory).filter((name) => name.includes(callSid));
const oneSetOf = (callSid: string) =>
  [
    `call_${callSid}.json`,
    `call_${callSid}.txt`,
    `call_${callSid}_conversation.wav`,
    `call_${callSid}_summary.txt`,
  ].sort();

/** The caller's side of the recording. */
async function callerOf(callSid: string): Promise<Int16Array> {
  const { channels } = await decodeSound(offhook.fileOf(`call_${callSid}_conversation.wav`));
  return channels[0]!;
}

describe.concurrent('a sender that is not Twilio', () => {
  it.each(PATHS)('gets 403 from %s without a signature and with a wrong one', async (path) => {
    const body = new URLSearchParams({ CallSid: newSid('CA') }).toString();
    const signature = twilioSignature('another token', TWILIO.publicUrl + path, {});
    for (const headers of [{}, { 'x-twilio-signature': '' }, { 'x-twilio-signature': signature }]) {
      const answer = await fetch(offhook.url + path, {
        method: 'POST',
        headers: { 'content-type': FORM, ...headers },
        body,
      });
      expect(answer.status).toBe(403);
      expect(await answer.text()).not.toContain('<Response>');
    }
  });

  it('gets 403 for a signature over other fields than those sent', async () => {
    const callSid = newSid('CA');
    const signature = twilioSignature(TWILIO.authToken, `${TWILIO.publicUrl}/incoming-call`, {
      CallSid: callSid,
    });
    const post = (fields: Record<string, string>) =>
      fetch(`${offhook.url}/incoming-call`, {
        method: 'POST',
        headers: { 'content-type': FORM, 'x-twilio-signature': signature },
        body: new URLSearchParams(fields).toString(),
      });
    expect((await post({ CallSid: callSid, From: '+1' })).status).toBe(403);
    expect((await post({ CallSid: callSid })).status).toBe(200);
  });

  it('gets no socket: 403 without a signature, with a wrong one, and with one over https', async () => {
    const wrong = [
      undefined,
      'nonsense',
      twilioSignature('another token', 'wss://phone.example.test/media-stream', {}),
      twilioSignature(TWILIO.authToken, 'https://phone.example.test/media-stream', {}),
    ];
    for (const signature of wrong) {
      const headers = signature === undefined ? {} : { 'x-twilio-signature': signature };
      expect(await RawStream.refusal(offhook, '/media-stream', { ...headers })).toBe(403);
    }
  });

  it('gets no socket at another path', async () => {
    for (const path of ['/', '/media-streams', '/media-stream/x', '/media-stream/.websocket'])
      expect(await RawStream.refusal(offhook, path, {})).toBe(404);
  });
});

describe.concurrent('a webhook', () => {
  it('is verified and answered when it has unknown fields', async () => {
    const answer = await webhooks.ring(newSid('CA'), {
      SomethingNew: 'ü&=',
      From: 'sip:a@b.example',
      Caller: 'anonymous',
    });
    expect(answer.status).toBe(200);
    expect(answer.verbs).toEqual(['Connect', 'Hangup']);
  });

  it.each(['', '../../x', `CA${'0'.repeat(31)}/`, 'CA123', `${newSid('CA')}/../x`])(
    'is refused with 400 for the call %j',
    async (callSid) => {
      expect((await webhooks.ring(callSid)).status).toBe(400);
      expect((await webhooks.continued(callSid)).verbs).toEqual(['Hangup']);
      await webhooks.completed(callSid);
    },
  );
});

describe.concurrent('a socket', () => {
  it('is closed with 1008 if its token is wrong, missing, used or of another call', async () => {
    const [one, other] = [newSid('CA'), newSid('CA')];
    const { token } = await webhooks.ring(one);
    const attempts: (readonly [string, string | undefined])[] = [
      [one, 'wrong'],
      [one, undefined],
      [one, ''],
      [other, token],
      // Shown for another call, it is spent for its own too.
      [one, token],
    ];
    for (const [callSid, shown] of attempts) {
      const stream = await RawStream.open(offhook);
      stream.start(callSid, shown);
      expect(await stream.closed).toBe(1008);
    }
    expect(filesOf(one)).toEqual([]);
    expect(filesOf(other)).toEqual([]);
  });

  it('cannot use a token that another socket has used', async () => {
    const callSid = newSid('CA');
    const { token } = await webhooks.ring(callSid);
    const first = await RawStream.open(offhook);
    first.start(callSid, token);
    await first.read();
    const second = await RawStream.open(offhook);
    second.start(callSid, token);
    expect(await second.closed).toBe(1008);
    first.frames(50, LOUD);
    const json = await end(callSid, first);
    expect(json.durationMs).toBe(1_000);
    expect(json.streams).toHaveLength(1);
  });

  it('is refused at once if its CallSid is a path, and creates no file', async () => {
    for (const callSid of ['../../../tmp/x', `${newSid('CA')}/x`, '', 'CA']) {
      const stream = await RawStream.open(offhook);
      stream.start(callSid, 'token');
      stream.frames(10);
      expect(await stream.closed).toBe(1008);
    }
    expect(
      readdirSync(offhook.directory).filter(
        (name) => !/^call_CA[0-9a-f]{32}|^\.offhook$|^recordings$/.test(name),
      ),
    ).toEqual([]);
    expect((await offhook.setFormat(encodeURIComponent('../../x'), 'flac')).status).toBe(404);
  });

  it('is closed with 1009 after a message of 10 MB, and its call keeps the earlier audio', async () => {
    const { callSid, stream } = await begin();
    stream.frames(100, LOUD);
    await stream.read();
    stream.saysRaw('x'.repeat(10 * 1024 * 1024));
    expect(await stream.closed).toBe(1009);
    await webhooks.completed(callSid);
    await offhook.finished(callSid);
    expect(offhook.json(callSid).durationMs).toBe(2_000);
    expect(filesOf(callSid).sort()).toEqual(oneSetOf(callSid));
  });

  it('survives invalid messages: each kind is counted, ignored and logged once, and the recording is right', async () => {
    const { callSid, stream } = await begin();
    const payload = Buffer.alloc(160, OTHER).toString('base64');
    stream.frames(25, LOUD);
    for (let round = 0; round < 20; round++) {
      for (const text of NONSENSE) stream.saysRaw(text);
      stream.saysRaw(Buffer.from([0, 1, 2]));
      for (const timestamp of ['-20', '1.5', 'x', '', '999999999999999'])
        stream.media({ timestamp, payload });
      for (const bad of ['!!', '', 5]) stream.media({ timestamp: '0', payload: bad });
    }
    stream.frames(25, LOUD);
    stream.start(callSid, 'again');
    stream.frames(25, LOUD);
    await stream.read();
    stream.stop(callSid);
    stream.stop(callSid);
    stream.frames(25, OTHER);
    const json = await end(callSid, stream);
    expect(json.durationMs).toBe(1_500);
    const caller = await callerOf(callSid);
    expect(caller.length).toBe(12_000);
    expect(caller.every((sample) => sample === LOUD_PCM)).toBe(true);
    const odd = offhook.logged
      .filter((line) => line.includes(callSid) && line.includes('media stream oddity'))
      .map((line) => (JSON.parse(line) as { what: string }).what);
    const once = odd.filter((what) => !what.endsWith(' times)'));
    expect(new Set(once).size).toBe(once.length);
    expect(once).toContain('media with a bad timestamp');
    expect(once).toContain('a binary frame');
    expect(odd).toContain('media with a bad timestamp (100 times)');
    expect(odd).toContain('a binary frame (20 times)');
    expect(json.figures.oddities).toBeGreaterThanOrEqual(once.length - 2);
    expect(filesOf(callSid).sort()).toEqual(oneSetOf(callSid));
  });

  it('does not lengthen its call with timestamps far in the future', async () => {
    const { callSid, stream } = await begin();
    stream.frames(25, LOUD);
    const payload = Buffer.alloc(160, OTHER).toString('base64');
    stream.media({ timestamp: String(86_400_000), payload });
    stream.frames(25, LOUD);
    const json = await end(callSid, stream);
    expect(json.durationMs).toBe(1_000);
    expect(json.figures.framesReceived).toBe(51);
  });

  it('that sends only a start creates valid files of a call of 0 s', async () => {
    const askedAt = performance.now();
    const { callSid, stream } = await begin();
    const json = await end(callSid, stream);
    // At most as long as the socket was open, which is nothing where the machine is quick.
    expect(json.durationMs).toBeLessThan(performance.now() - askedAt);
    expect(filesOf(callSid).sort()).toEqual(oneSetOf(callSid));
    expect((await callerOf(callSid)).length).toBe(Math.round(json.audio!.frames));
  });

  it('that sends no start creates no files', async () => {
    const callSid = newSid('CA');
    await webhooks.ring(callSid);
    const stream = await RawStream.open(offhook);
    stream.frames(50);
    stream.stop(callSid);
    await stream.read();
    stream.hangUp();
    await stream.closed;
    await webhooks.completed(callSid);
    expect(filesOf(callSid)).toEqual([]);
  });

  it('is replaced by a newer authenticated one, and their audio is never mixed', async () => {
    const callSid = newSid('CA');
    const tokens = [(await webhooks.ring(callSid)).token, (await webhooks.ring(callSid)).token];
    const beganAt = performance.now();
    const older = await RawStream.open(offhook);
    older.start(callSid, tokens[0]);
    older.frames(25, LOUD);
    await older.read();
    const newer = await RawStream.open(offhook);
    newer.start(callSid, tokens[1]);
    newer.frames(5, OTHER);
    await newer.read();
    older.frames(50, LOUD);
    await older.read();
    newer.frames(20, OTHER);
    older.stop(callSid);
    expect(await older.closed).toBe(1000);
    const json = await end(callSid, newer);
    expect(json.streams.map(({ streamSid }) => streamSid)).toEqual([older.streamSid, newer.streamSid]);
    const openMs = performance.now() - beganAt;
    // 500 ms of frames each, sent at once; where the machine is slow, the silence that followed them counts too.
    for (const { lengthMs } of json.streams) {
      expect(Math.round(lengthMs)).toBeGreaterThanOrEqual(500);
      expect(lengthMs).toBeLessThan(500 + openMs);
    }
    const caller = await callerOf(callSid);
    const second = Math.round(json.streams[1]!.startMs * 8);
    expect(second).toBeGreaterThanOrEqual(4_000);
    expect(caller.subarray(0, 4_000).every((sample) => sample === LOUD_PCM)).toBe(true);
    expect(caller.subarray(4_000, second).every((sample) => sample === 0)).toBe(true);
    expect(caller.subarray(second + 1, second + 3_999).every((sample) => sample === OTHER_PCM)).toBe(true);
    expect(caller.subarray(second + 4_001).every((sample) => sample === 0)).toBe(true);
    expect(filesOf(callSid).sort()).toEqual(oneSetOf(callSid));
  });
});

describe('afterwards', () => {
  it('a socket that breaks without stop has files with the audio received before', async () => {
    const { callSid, stream } = await begin();
    stream.frames(100, LOUD);
    await stream.read();
    stream.tear();
    await comesTrue(
      'the server has noticed',
      async () => (await offhook.health())['activeConnections'] === 0,
    );
    clock.advance(LINE_LOST_AFTER_MS);
    await offhook.finished(callSid);
    expect(offhook.json(callSid)).toMatchObject({ endReason: 'line lost', durationMs: 2_000 });
    expect(filesOf(callSid).sort()).toEqual(oneSetOf(callSid));
  });

  it('no call, socket or internal error remains', async () => {
    const health = await offhook.health();
    expect(health['activeConnections']).toBe(0);
    expect(offhook.logged.filter((line) => line.includes('internal error'))).toEqual([]);
    const alarming = offhook.logged.filter((line) => /"level":(50|60)/u.test(line));
    // Other processes keep the disk busy, too.
    expect(alarming.filter((line) => !line.includes('journal writes are too slow or fail'))).toEqual([]);
  });
});
