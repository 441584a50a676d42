import { describe, expect, it } from 'vitest';
import type { CallRegistryOptions } from '../../src/call/call-registry-options.ts';
import { CallRegistry } from '../../src/call/call-registry.ts';
import type { EndedCall } from '../../src/call/call-store.ts';
import type { Transcriber } from '../../src/call/ports.ts';
import { reconstructCall } from '../../src/records/reconstruct-call.ts';
import { FakeLine } from '../doubles/fake-line.ts';
import { LoudnessJudge } from '../doubles/loudness-detector.ts';
import { MemoryJournal } from '../doubles/memory-journal.ts';
import { SpokenPrompts } from '../doubles/spoken-prompts.ts';
import { SILENT_GREETER, USUAL } from './rehearsed-call.ts';
import { TurnRules } from '../../src/call/dialog/turn-taking/turn-rules.ts';

const identity = (n: number) => ({ callSid: `CA${String(n).padStart(32, '0')}`, from: '+100', to: '+200' });
const ONE = identity(1);

function house(options: { maxCalls?: number; recorded?: boolean; transcriber?: Transcriber } = {}) {
  const over: EndedCall<MemoryJournal>[] = [];
  const errors: string[] = [];
  const finished = new Set<string>();
  const clock = { nowMs: 0 };
  const parts: CallRegistryOptions<MemoryJournal> = {
    environment: {
      settings: USUAL,
      services: { ...(options.transcriber && { transcriber: options.transcriber }) },
      prompts: new SpokenPrompts(),
      rules: new TurnRules(),
      greeter: SILENT_GREETER,
      recorded: options.recorded ?? true,
      createDetector: () => new LoudnessJudge(),
      now: () => clock.nowMs,
    },
    defaultFormat: 'mp3',
    maxCalls: options.maxCalls ?? 0,
    storage: {
      openJournal: () => new MemoryJournal(),
      isFinished: (callSid) => finished.has(callSid),
      ended: (call) => over.push(call),
      failed: (callSid) => void errors.push(callSid),
    },
  };
  const calls = new CallRegistry(parts);
  const pass = (toMs: number): void => {
    while (clock.nowMs < toMs) calls.tick((clock.nowMs = Math.min(toMs, clock.nowMs + 40)));
  };
  return { calls, over, errors, finished, clock, pass };
}

it('A stream that cannot start because of a programming error ends only its own call', () => {
  const { calls, over, errors } = house();
  const broken = new FakeLine();
  broken.sendMark = () => {
    throw new TypeError('a bug');
  };
  calls.ring(ONE, 0);
  calls.streamStarted(identity(2), 'MZ2', new FakeLine(), 0);
  expect(calls.streamStarted(ONE, 'MZ1', broken, 10)).toBeUndefined();
  expect(errors).toEqual([ONE.callSid]);
  expect(over.map(({ callSid }) => callSid)).toEqual([ONE.callSid]);
  expect(calls.connected).toBe(1);
});

describe('Ringing calls', () => {
  it('accepts a call, and the repeated webhook of a call without a stream', () => {
    const { calls } = house();
    expect(calls.ring(ONE, 0)).toBe('accepted');
    expect(calls.ring(ONE, 500)).toBe('accepted');
    expect(calls.active).toBe(1);
    expect(calls.list()).toMatchObject([{ identity: ONE, state: 'ringing' }]);
  });

  it('refuses the webhook of a live call and of a finished one', () => {
    const { calls, finished } = house();
    calls.ring(ONE, 0);
    calls.streamStarted(ONE, 'MZ1', new FakeLine(), 0);
    expect(calls.ring(ONE, 100)).toBe('over');
    finished.add(identity(2).callSid);
    expect(calls.ring(identity(2), 100)).toBe('over');
    expect(calls.streamStarted(identity(2), 'MZ2', new FakeLine(), 100)).toBeUndefined();
  });

  it('is busy beyond MAX_CALLS, for webhooks and for unannounced streams', () => {
    const { calls } = house({ maxCalls: 2 });
    expect([1, 2, 3].map((n) => calls.ring(identity(n), 0))).toEqual(['accepted', 'accepted', 'busy']);
    expect(calls.streamStarted(identity(4), 'MZ4', new FakeLine(), 0)).toBeUndefined();
    expect(calls.streamStarted(identity(2), 'MZ2', new FakeLine(), 0)).toBeDefined();
  });

  it('removes a call whose stream never started, without files', () => {
    const { calls, over, pass } = house();
    calls.ring(ONE, 0);
    pass(65_000);
    expect(calls.active).toBe(1);
    pass(65_100);
    expect(calls.active).toBe(0);
    expect(over).toEqual([]);
  });

  it('limits the number of calls whose streams never start', () => {
    const { calls } = house();
    for (let n = 1; n <= 2_100; n += 1) calls.ring(identity(n), n);
    expect(calls.active).toBe(2_000);
    expect(calls.ring(identity(2_100), 3_000)).toBe('accepted');
    expect(calls.active).toBe(2_000);
  });

  it('accepts no new calls while closing, and live calls continue', () => {
    const { calls } = house();
    calls.ring(ONE, 0);
    calls.streamStarted(ONE, 'MZ1', new FakeLine(), 0);
    calls.ring(identity(2), 0);
    calls.close();
    expect(calls.closing).toBe(true);
    expect(calls.active).toBe(1);
    expect(calls.ring(identity(3), 0)).toBe('closing');
    expect(calls.streamStarted(identity(3), 'MZ3', new FakeLine(), 0)).toBeUndefined();
    expect(calls.get(ONE.callSid)?.connected).toBe(true);
  });
});

describe('The format of a call', () => {
  it('can be set from ringing to the end, and is in the journal', () => {
    const { calls, over, pass } = house();
    expect(calls.setFormat(ONE.callSid, 'wav', 0)).toBe('no-such-call');
    calls.ring(ONE, 0);
    expect(calls.setFormat(ONE.callSid, 'wav', 0)).toBe('set');
    const line = new FakeLine();
    calls.streamStarted(ONE, 'MZ1', line, 0);
    expect(calls.get(ONE.callSid)?.format).toBe('wav');
    calls.streamEnded(ONE.callSid, line, 'closed', 100);
    expect(calls.setFormat(ONE.callSid, 'flac', 200)).toBe('set');
    pass(10_000);
    expect(reconstructCall(over[0]!.journal.events)!.format).toBe('flac');
  });

  it('cannot be set when the call is finished or recording is off', () => {
    const { calls, finished } = house({ recorded: false });
    calls.ring(ONE, 0);
    expect(calls.setFormat(ONE.callSid, 'wav', 0)).toBe('recording-off');
    finished.add(identity(2).callSid);
    expect(calls.setFormat(identity(2).callSid, 'wav', 0)).toBe('finished');
  });
});

describe('CallRegistry, at the end of a call', () => {
  function live() {
    const parts = house();
    const line = new FakeLine();
    parts.calls.ring(ONE, 0);
    const call = parts.calls.streamStarted(ONE, 'MZ1', line, 0)!;
    for (let ms = 0; ms < 1_000; ms += 20) call.media(ms, new Uint8Array(160).fill(0xff), ms + 20);
    parts.pass(1_000);
    return { ...parts, line, call };
  }

  it('ends an unannounced call at its stop', () => {
    const { calls, over } = house();
    const line = new FakeLine();
    calls.streamStarted(ONE, 'MZ1', line, 0);
    calls.streamEnded(ONE.callSid, line, 'stop', 500);
    expect(over.map(({ callSid }) => callSid)).toEqual([ONE.callSid]);
  });

  it('ends an announced call 1.5 s after its stop if Twilio does not request the next action', () => {
    const { calls, over, pass, line } = live();
    calls.streamEnded(ONE.callSid, line, 'stop', 1_000);
    pass(2_400);
    expect(over).toEqual([]);
    pass(2_600);
    const reading = reconstructCall(over[0]!.journal.events)!;
    expect(reading.lengthMs).toBe(1_000);
    expect(reading.endedAtMs).toBe(1_000);
  });

  it('continues the same call in a new stream if Twilio requests the next action', () => {
    const { calls, over, pass, line, call } = live();
    calls.streamEnded(ONE.callSid, line, 'closed', 1_000);
    pass(1_400);
    expect(calls.continues(ONE.callSid, 1_400)).toBe(true);
    pass(12_000);
    expect(calls.streamStarted(ONE, 'MZ2', new FakeLine(), 12_000)).toBe(call);
    pass(60_000);
    expect(over).toEqual([]);
    expect(calls.connected).toBe(1);
  });

  it('does not continue a call that has ended, or that we are ending', () => {
    const { calls, call } = live();
    expect(calls.continues(identity(9).callSid, 0)).toBe(false);
    call.hangUp('test', 1_000);
    expect(calls.continues(ONE.callSid, 1_000)).toBe(false);
    expect(calls.ring(ONE, 1_000)).toBe('over');
    expect(calls.streamStarted(ONE, 'MZ2', new FakeLine(), 1_000)).toBeUndefined();
  });

  it('ends a broken call that does not return, with the time of the break', () => {
    const { calls, over, pass, line } = live();
    calls.streamEnded(ONE.callSid, line, 'closed', 1_000);
    pass(6_900);
    expect(over).toEqual([]);
    pass(7_100);
    expect(reconstructCall(over[0]!.journal.events)).toMatchObject({
      endReason: 'line lost',
      endedAtMs: 1_000,
    });
  });

  it('ends a broken call at once when it is hung up, with the reason', () => {
    const { calls, over, pass, line, call } = live();
    calls.streamEnded(ONE.callSid, line, 'closed', 1_000);
    call.hangUp('the desk hung up', 1_500);
    pass(1_600);
    expect(reconstructCall(over[0]!.journal.events)).toMatchObject({
      endReason: 'the desk hung up',
      endedAtMs: 1_000,
    });
  });

  it('ends a call when Twilio reports its end: at once between streams, within 2 s on an open stream', () => {
    const first = live();
    first.calls.streamEnded(ONE.callSid, first.line, 'closed', 1_000);
    first.calls.completed(ONE.callSid, 1_200);
    expect(first.over.length).toBe(1);
    const second = live();
    second.calls.completed(ONE.callSid, 1_000);
    expect(second.over).toEqual([]);
    second.pass(3_200);
    expect(second.over.length).toBe(1);
    expect(second.calls.active).toBe(0);
  });

  it('does not end a call when a replaced stream ends', () => {
    const { calls, over, pass, line, call } = live();
    const newer = new FakeLine();
    calls.streamStarted(ONE, 'MZ1', newer, 1_000);
    calls.streamEnded(ONE.callSid, line, 'closed', 1_100);
    pass(20_000);
    expect(call.connected).toBe(true);
    expect(over).toEqual([]);
  });

  it('ends all calls on request, each once', () => {
    const { calls, over } = live();
    calls.ring(identity(2), 1_000);
    calls.endAll('shutdown', 1_000);
    calls.endAll('shutdown', 1_000);
    expect(calls.active).toBe(0);
    expect(over.length).toBe(1);
  });

  it('ends only the one call that has a programming error', () => {
    const { calls, over, errors, clock } = live();
    const other = calls.streamStarted(identity(2), 'MZ2', new FakeLine(), 1_000)!;
    calls.get(ONE.callSid)!.tick = () => {
      throw new Error('ours');
    };
    calls.tick((clock.nowMs = 1_040));
    expect(errors).toEqual([ONE.callSid]);
    expect(over.map(({ callSid }) => callSid)).toEqual([ONE.callSid]);
    expect(other.connected).toBe(true);
  });
});

describe('Calls of a crashed process', () => {
  const history = {
    said: [],
    turns: 1,
    replies: 2,
    pieces: 3,
    keys: 0,
    startedAtMs: 0,
    zeroAtMs: -60_000,
    endMs: 50_000,
    format: 'ogg',
  } as const;

  it('wait 30 s for their callers, and are then finished with the time at which they broke off', () => {
    const { calls, over, pass } = house();
    const journal = new MemoryJournal();
    calls.recover(ONE, journal, history, 0);
    expect(calls.list()[0]!.state).toBe('between');
    pass(29_900);
    expect(over).toEqual([]);
    pass(30_100);
    expect(journal.events).toEqual([{ kind: 'end', atMs: -10_000, reason: 'interrupted' }]);
    expect(over[0]).toMatchObject({ callSid: ONE.callSid, call: undefined });
  });

  it('continue in the same journal and format when the caller returns', () => {
    const { calls, over, pass } = house();
    const journal = new MemoryJournal();
    calls.recover(ONE, journal, history, 0);
    expect(calls.continues(ONE.callSid, 5_000)).toBe(true);
    const call = calls.streamStarted(ONE, 'MZ9', new FakeLine(), 6_000)!;
    expect(call.format).toBe('ogg');
    pass(15_000);
    expect(over).toEqual([]);
    expect(journal.of('stream')).toEqual([
      { kind: 'stream', atMs: 6_000, streamSid: 'MZ9', startMs: 66_000 },
    ]);
    expect(journal.of('ringing')).toEqual([]);
  });
});

describe('Calls that a crashed process left', () => {
  const history = {
    said: [],
    turns: 2,
    replies: 1,
    pieces: 3,
    keys: 0,
    startedAtMs: 0,
    zeroAtMs: 0,
    endMs: 5_000,
  };

  it('are not resumed if a call with the same CallSid is live here', () => {
    const { calls, over } = house();
    calls.ring(ONE, 0);
    const call = calls.streamStarted(ONE, 'MZ1', new FakeLine(), 0);
    const left = new MemoryJournal();
    expect(calls.recover(ONE, left, { ...history, format: 'wav' }, 100)).toBe(false);
    expect(calls.get(ONE.callSid)).toBe(call);
    expect(over).toEqual([]);
    expect(left.events).toEqual([]);
  });

  it('are resumed if a call with the same CallSid only rings here', () => {
    const { calls, over, pass } = house();
    calls.ring(ONE, 0);
    expect(calls.recover(ONE, new MemoryJournal(), { ...history, format: 'wav' }, 100)).toBe(true);
    expect(calls.list()).toMatchObject([{ identity: ONE, state: 'between' }]);
    expect(calls.continues(ONE.callSid, 200)).toBe(true);
    expect(calls.streamStarted(ONE, 'MZ2', new FakeLine(), 300)?.format).toBe('wav');
    pass(60_000);
    expect(over).toEqual([]);
  });
});

describe('A call that another machine goes on with', () => {
  it('ends here without an end, and its stream is told to close', () => {
    const { calls, over } = house();
    calls.ring(ONE, 0);
    const call = calls.streamStarted(ONE, 'MZ1', new FakeLine(), 0)!;
    const journal = calls.handOver(ONE.callSid, 1_000) as MemoryJournal;
    expect(journal.events.at(-1)).toEqual({ kind: 'stream-end', atMs: 1_000, reason: 'moved' });
    expect(journal.of('end')).toEqual([]);
    expect(call.line).toBeUndefined();
    expect(calls.has(ONE.callSid)).toBe(false);
    expect(over).toEqual([]);
  });

  it('is handed over between two streams, and before the first', () => {
    const { calls } = house();
    calls.ring(ONE, 0);
    expect(calls.handOver(ONE.callSid, 500)).toBe('announced');
    expect(calls.handOver(ONE.callSid, 600)).toBeUndefined();
    calls.ring(ONE, 1_000);
    const line = new FakeLine();
    calls.streamStarted(ONE, 'MZ1', line, 1_000);
    calls.streamEnded(ONE.callSid, line, 'stop', 2_000);
    const journal = calls.handOver(ONE.callSid, 3_000) as MemoryJournal;
    expect(journal.of('stream-end').map(({ reason }) => reason)).toEqual(['stop', 'moved']);
  });
});
