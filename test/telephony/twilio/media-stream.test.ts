import { describe, expect, it } from 'vitest';
import type { CallIdentity } from '../../../src/call/call-options.ts';
import type { Call } from '../../../src/call/call.ts';
import type { Line } from '../../../src/call/ports.ts';
import { MediaStream, START_WITHIN_MS } from '../../../src/telephony/twilio/media-stream.ts';
import { FakeSocket } from './fake-socket.ts';

const CALL = 'CA0123456789abcdef0123456789abcdef';
const START = {
  event: 'start',
  streamSid: 'MZ1',
  start: { streamSid: 'MZ1', callSid: CALL, customParameters: { token: 'right' } },
};
const STOP = { event: 'stop', streamSid: 'MZ1', stop: { callSid: CALL } };
const frame = (timestamp: number) => ({
  event: 'media',
  media: {
    track: 'inbound',
    timestamp: String(timestamp),
    payload: Buffer.alloc(160, 0xff).toString('base64'),
  },
});
const mark = (name: string) => ({ event: 'mark', mark: { name } });

/** A call that writes down what it is told. */
class ListeningCall {
  readonly identity = { callSid: CALL, from: 'a', to: 'b' };
  readonly heard: string[] = [];
  line: Line | undefined;

  get connected(): boolean {
    return this.line !== undefined;
  }

  media(timestampMs: number, mulaw: Uint8Array, atMs: number): void {
    this.heard.push(`media ${timestampMs} (${mulaw.length}) at ${atMs}`);
  }

  mark(name: string): boolean {
    this.heard.push(`mark ${name}`);
    return name !== 'unknown';
  }

  key(digit: string): void {
    if (digit === '*') throw new Error('our own mistake');
    this.heard.push(`key ${digit}`);
  }

  oddity(what: string): void {
    this.heard.push(`odd: ${what.split('\n')[0]}`);
  }
}

class Scene {
  readonly socket = new FakeSocket();
  readonly call = new ListeningCall();
  readonly ended: string[] = [];
  readonly odd: string[] = [];
  readonly hungUp: string[] = [];
  nowMs = 1_000;
  /** Whose the call is, where that is to be found out first. */
  acquiring: Promise<boolean> | undefined;
  /** Who calls, where the token is checked elsewhere. */
  authenticating: Promise<CallIdentity | undefined> | undefined;
  /** Whether Twilio can be asked to end the call. */
  rest = true;
  readonly stream = new MediaStream(this.socket.asSocket, {
    now: () => this.nowMs,
    source: {
      authenticate: (callSid, token) =>
        this.authenticating ?? (token === 'right' ? { callSid, from: 'a', to: 'b' } : undefined),
      endCall: (callSid) => {
        this.hungUp.push(callSid);
        return Promise.resolve(this.rest);
      },
    },
    target: {
      acquire: () => this.acquiring,
      streamStarted: (_identity, _streamSid, line) => {
        this.call.line = line;
        return this.call as unknown as Call;
      },
      streamEnded: (callSid, line, reason, atMs, lastSignMs) => {
        if (this.call.line === line) this.call.line = undefined;
        this.ended.push(`${callSid === CALL ? '' : 'wrong '}${reason} at ${atMs}, last sign ${lastSignMs}`);
      },
      oddity: (what) => void this.odd.push(what.split('\n')[0]!),
    },
  });

  at(nowMs: number): this {
    this.nowMs = nowMs;
    return this;
  }

  tick(nowMs: number): boolean {
    return this.at(nowMs).stream.tick(nowMs);
  }
}

describe('a media stream', () => {
  it('without a start is closed after 5 s, and not earlier', () => {
    const scene = new Scene();
    scene.socket.says({ event: 'connected' });
    scene.tick(1_000 + START_WITHIN_MS - 1);
    expect(scene.socket.closedWith).toBeUndefined();
    scene.tick(1_000 + START_WITHIN_MS);
    expect(scene.socket.closedWith).toEqual({ code: 1008, reason: 'no start in time' });
    scene.socket.gone();
    expect(scene.ended).toEqual([]);
    expect(scene.stream.tick(9_000)).toBe(false);
  });

  it('with a wrong token is closed with 1008 and ignores later messages', () => {
    const scene = new Scene();
    scene.socket.says({ ...START, start: { ...START.start, customParameters: { token: 'wrong' } } });
    expect(scene.socket.closedWith?.code).toBe(1008);
    scene.socket.says(START);
    scene.socket.says(frame(0));
    scene.socket.gone();
    expect(scene.call.heard).toEqual([]);
    expect(scene.ended).toEqual([]);
  });

  it.each([
    ['callSid', '../x'],
    ['callSid', 'CA12'],
    ['streamSid', 'a/b'],
  ])('whose start has an invalid %s is refused at once, with the reason', (field, value) => {
    const scene = new Scene();
    scene.socket.says({ ...START, start: { ...START.start, [field]: value } });
    expect(scene.socket.closedWith?.code).toBe(1008);
    expect(scene.socket.closedWith?.reason).toContain('start with');
    expect(scene.socket.closedWith?.reason).toContain(field);
    scene.socket.says(START);
    scene.tick(1_000 + START_WITHIN_MS);
    expect(scene.call.heard).toEqual([]);
    expect(scene.odd).toContain('a second start');
    expect(scene.odd).not.toContain('no start in time');
  });

  it('with a call is not affected by a second start', () => {
    const scene = new Scene();
    scene.socket.says(START);
    scene.socket.says({ ...START, start: { ...START.start, callSid: '../x' } });
    expect(scene.socket.closedWith).toBeUndefined();
    scene.socket.says(frame(0));
    expect(scene.call.heard.at(-1)).toBe('media 0 (160) at 1000');
  });

  it('passes frames, marks and keys to its call with their times', () => {
    const scene = new Scene();
    scene.socket.says(START);
    scene.at(1_020).socket.says(frame(5));
    scene.socket.says(mark('m1'));
    scene.socket.says({ event: 'dtmf', dtmf: { digit: '5' } });
    expect(scene.call.heard).toEqual(['media 5 (160) at 1020', 'mark m1', 'key 5']);
    expect(scene.odd).toEqual([]);
  });

  it('counts and ignores unexpected messages, and reports each kind once, with its number at the end', () => {
    const scene = new Scene();
    for (let i = 0; i < 3; i++) scene.socket.says(frame(i * 20));
    scene.socket.says(mark('early'));
    scene.socket.says(STOP);
    scene.socket.says(START);
    scene.socket.says(START);
    scene.socket.says(frame(0));
    scene.socket.says(mark('unknown'));
    scene.socket.says(STOP);
    scene.socket.says(STOP);
    scene.socket.says(frame(20));
    scene.socket.says(START);
    scene.socket.gone();
    expect(scene.call.heard.filter((one) => one.startsWith('media'))).toEqual(['media 0 (160) at 1000']);
    expect(scene.ended).toEqual(['stop at 1000, last sign 1000']);
    expect(scene.odd).toEqual([
      'media before start',
      'mark before start',
      'stop out of place',
      'a second start',
      'a mark that was never sent',
      'media before start (3 times)',
      'media after the stream ended',
    ]);
  });

  it('reports invalid messages of one kind once, and continues', () => {
    const scene = new Scene();
    scene.socket.says(START);
    for (let i = 0; i < 1_000; i++) scene.socket.saysRaw(Buffer.from('{not JSON'));
    for (let i = 0; i < 5; i++) scene.socket.saysRaw(Buffer.from([1, 2, 3]), true);
    scene.socket.says(frame(0));
    scene.socket.says({ event: 'weather' });
    expect(scene.odd).toEqual(['not JSON', 'a binary frame']);
    expect(scene.call.heard).toEqual(['odd: not JSON', 'odd: a binary frame', 'media 0 (160) at 1000']);
    scene.socket.says(STOP);
    expect(scene.odd.slice(2)).toEqual(['not JSON (1000 times)', 'a binary frame (5 times)']);
  });

  it('survives a programming error', () => {
    const scene = new Scene();
    scene.socket.says(START);
    scene.socket.says({ event: 'dtmf', dtmf: { digit: '*' } });
    scene.socket.says(frame(0));
    expect(scene.odd).toEqual(['internal error: Error: our own mistake']);
    expect(scene.call.heard.at(-1)).toBe('media 0 (160) at 1000');
  });

  it('that answers no ping for 15 s is dead, and ended with its last frame', () => {
    const scene = new Scene();
    scene.socket.says(START);
    scene.at(2_000).socket.says(frame(980));
    for (let nowMs = 2_250; nowMs < 17_000; nowMs += 250) scene.tick(nowMs);
    expect(scene.ended).toEqual([]);
    expect(scene.socket.pings).toBe(3);
    scene.tick(17_000);
    expect(scene.ended).toEqual(['dead at 17000, last sign 2000']);
    expect(scene.socket.terminated).toBe(true);
  });

  it('that is silent and answers pings continues', () => {
    const scene = new Scene();
    scene.socket.says(START);
    let answered = 0;
    for (let nowMs = 1_250; nowMs < 120_000; nowMs += 250) {
      scene.tick(nowMs);
      while (answered < scene.socket.pings) {
        answered += 1;
        scene.socket.answers();
      }
    }
    expect(answered).toBeGreaterThan(20);
    expect(scene.ended).toEqual([]);
    expect(scene.socket.closedWith).toBeUndefined();
  });

  it('whose call another stream has replaced is closed and ignored', () => {
    const scene = new Scene();
    scene.socket.says(START);
    scene.call.line = { sendAudio() {}, sendMark() {}, clear() {}, hangUp() {} };
    scene.socket.says(frame(0));
    expect(scene.call.heard).toEqual([]);
    expect(scene.odd).toEqual(['media after the stream ended']);
    scene.tick(1_250);
    expect(scene.socket.closedWith).toEqual({ code: 1000, reason: 'another stream has the call' });
    scene.socket.gone();
    expect(scene.ended).toEqual([]);
  });

  it('whose socket breaks without stop ended at that time', () => {
    const scene = new Scene();
    scene.socket.says(START);
    scene.at(3_000).socket.emit('error', new Error('ECONNRESET'));
    scene.socket.gone();
    expect(scene.ended).toEqual(['closed at 3000, last sign 3000']);
    expect(scene.odd).toEqual(['socket error: ECONNRESET']);
  });

  it('is ended over REST, and by closing the socket if that fails', async () => {
    for (const rest of [true, false]) {
      const scene = new Scene();
      scene.rest = rest;
      scene.socket.says(START);
      scene.call.line!.hangUp();
      await Promise.resolve();
      await new Promise(setImmediate);
      expect(scene.hungUp).toEqual([CALL]);
      expect(scene.socket.closedWith?.code).toBe(rest ? undefined : 1000);
    }
  });

  it('sends to Twilio only while the socket is open, and gives up a peer that does not read', () => {
    const scene = new Scene();
    scene.socket.says(START);
    const line = scene.call.line!;
    line.sendMark('m1');
    expect(scene.socket.sent).toHaveLength(1);
    scene.socket.bufferedAmount = 9 * 1024 * 1024;
    line.sendMark('m2');
    expect(scene.socket.terminated).toBe(true);
    line.clear();
    expect(scene.socket.sent).toHaveLength(1);
  });
});

describe('a media stream of a call that another process has begun', () => {
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('processes messages that arrived meanwhile afterwards, with their times, including the end', async () => {
    const scene = new Scene();
    let answer: (free: boolean) => void = () => undefined;
    scene.acquiring = new Promise((resolve) => (answer = resolve));
    scene.socket.says(START);
    scene.at(1_020).socket.says(frame(0));
    scene.at(1_040).socket.says(frame(20));
    scene.at(1_050).socket.gone();
    expect(scene.call.heard).toEqual([]);
    scene.at(1_500);
    answer(true);
    await settled();
    expect(scene.call.heard).toEqual(['media 0 (160) at 1020', 'media 20 (160) at 1040']);
    expect(scene.ended).toEqual(['closed at 1050, last sign 1050']);
  });

  it('is refused if a live process holds the call, and is not closed for a late start meanwhile', async () => {
    const scene = new Scene();
    let answer: (free: boolean) => void = () => undefined;
    scene.acquiring = new Promise((resolve) => (answer = resolve));
    scene.socket.says(START);
    scene.tick(1_000 + START_WITHIN_MS);
    expect(scene.socket.closedWith).toBeUndefined();
    answer(false);
    await settled();
    expect(scene.socket.closedWith).toEqual({
      code: 1008,
      reason: 'a start for a call that another process holds',
    });
    expect(scene.call.heard).toEqual([]);
  });

  it('waits for its token and then for its owner, and keeps the messages of both waits', async () => {
    const scene = new Scene();
    let authenticated: (identity: CallIdentity) => void = () => undefined;
    let acquired: (free: boolean) => void = () => undefined;
    scene.authenticating = new Promise((resolve) => (authenticated = resolve));
    scene.acquiring = new Promise((resolve) => (acquired = resolve));
    scene.socket.says(START);
    scene.at(1_020).socket.says(frame(0));
    authenticated(scene.call.identity);
    await settled();
    scene.at(1_040).socket.says(frame(20));
    expect(scene.call.heard).toEqual([]);
    acquired(true);
    await settled();
    expect(scene.call.heard).toEqual(['media 0 (160) at 1020', 'media 20 (160) at 1040']);
  });

  it.each([
    ['does not admit it', () => Promise.resolve(undefined), 'a start without a valid token'],
    [
      'cannot be checked',
      () => Promise.reject(new Error('our own mistake')),
      'a start that could not be checked',
    ],
  ])('is refused if its token %s', async (_, authenticating, reason) => {
    const scene = new Scene();
    scene.authenticating = authenticating();
    scene.socket.says(START);
    scene.socket.says(frame(0));
    await settled();
    expect(scene.socket.closedWith).toEqual({ code: 1008, reason });
    expect(scene.call.heard).toEqual([]);
  });

  it("holds at most 20 s of the caller's audio", async () => {
    const scene = new Scene();
    scene.acquiring = new Promise((resolve) => setImmediate(() => resolve(true)));
    scene.socket.says(START);
    for (let i = 0; i < 1_100; i += 1) scene.socket.says(frame(20 * i));
    await settled();
    await settled();
    expect(scene.call.heard.filter((one) => one.startsWith('media'))).toHaveLength(1_000);
    expect(scene.odd).toContain('too many messages while the owner of the call is determined');
  });
});

describe('a media stream whose call has ended without it', () => {
  it('is closed: Twilio requests the next action, and hangs up', () => {
    const scene = new Scene();
    scene.socket.says(START);
    scene.call.line = undefined;
    scene.tick(1_250);
    expect(scene.socket.closedWith).toEqual({ code: 1000, reason: 'the call is over' });
    scene.socket.gone();
    expect(scene.ended).toEqual([]);
  });
});
