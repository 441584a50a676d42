import { expect, test } from 'vitest';
import type { FromHost, HostState, ToHost } from '../../../src/app/processes/host-messages.ts';
import { ProcessChannel } from '../../../src/app/processes/process-channel.ts';
import { type StartedProcess, SupervisedProcess } from '../../../src/app/processes/supervised-process.ts';
import type { CallIdentity } from '../../../src/call/call-options.ts';
import { createLog } from '../../../src/log.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { HEALTH } from './health.ts';
import { JoinedEnd, joinedEnds } from './joined-ends.ts';

const CALL: CallIdentity = { callSid: `CA${'1'.repeat(32)}`, from: '+1', to: '+2' };
const listed = { ...CALL, startedAt: '2026-11-30T10:00:00Z', state: 'listening', format: 'mp3' } as const;
const state = (calls: HostState['calls']): HostState => ({ calls, connected: calls.length, health: HEALTH });

/** A started process: our end of its channel, and the code that runs in it. */
class Started {
  readonly end: JoinedEnd;
  readonly main: ProcessChannel<FromHost>;
  readonly asked: string[] = [];
  constructor(clock: VirtualClock) {
    const [end, inner] = joinedEnds();
    this.end = end;
    const done = (what: string) => () => void this.asked.push(what);
    const methods: Partial<ToHost> = {
      check: () => undefined,
      ring: ({ callSid }) => (this.asked.push(`ring ${callSid}`), Promise.resolve('accepted')),
      stop: (drainSeconds) => void this.asked.push(`stop ${drainSeconds}`),
      hurry: done('hurry'),
      desk: (interest) => void this.asked.push(JSON.stringify(interest)),
    };
    this.main = new ProcessChannel<FromHost>(inner, methods, clock, () => undefined);
    Object.assign(end, { pid: 42, kill: (signal: string) => this.exit(null, signal) });
  }

  get process(): StartedProcess {
    return this.end as unknown as StartedProcess;
  }

  ready(calls: HostState['calls'] = []): void {
    this.main.tell('state', state(calls));
    this.main.tell('ready');
  }

  exit(code: number | null, signal: string | null = null): void {
    this.asked.push(`exit ${signal ?? code}`);
    this.end.disconnect();
    this.end.emit('exit', code, signal);
  }
}

/** What Node returns if the system cannot start a process: it never exits. */
class NeverStarted extends JoinedEnd {
  override connected = false;
  readonly pid = undefined;

  kill(): boolean {
    return false;
  }

  fails(): void {
    this.emit('error', new Error('spawn EAGAIN'));
  }
}

function supervised() {
  const clock = new VirtualClock(1_000_000);
  const started: Started[] = [];
  const heard: string[] = [];
  /** What the next starts return or throw instead. */
  const failures: (NeverStarted | Error)[] = [];
  /** The number of calls at each report; undefined before the process was ready. */
  const lists: (number | undefined)[] = [];
  const process = new SupervisedProcess({
    number: 3,
    start: () => {
      const failure = failures.shift();
      if (failure instanceof Error) throw failure;
      if (failure) return failure;
      const one = new Started(clock);
      started.push(one);
      return one.process;
    },
    log: createLog({ level: 'silent' }),
    clock,
    listener: {
      turns: (callSid) => heard.push(`turns ${callSid}`),
      sound: (callSid) => heard.push(`sound ${callSid}`),
      cut: (callSid) => heard.push(`cut ${callSid}`),
      listed: () => lists.push(process.host?.list().length),
      ended: (calls) => heard.push(`ended with ${calls.length}`),
    },
    format: 'mp3',
  });
  return { process, clock, started, heard, lists, failures };
}

test('a process takes calls when it says so', async () => {
  const { process, clock, started, heard, lists } = supervised();
  const opened = process.open();
  expect(process.path).toBe('/media-stream/3');
  expect(process.host).toBeUndefined();
  started[0]!.ready();
  await opened;
  expect(await process.host?.ring(CALL)).toBe('accepted');
  // It has the call before it reports it.
  expect(process.host?.has(CALL.callSid)).toBe(true);
  expect(process.host?.active).toBe(1);
  expect(process.host?.list()).toMatchObject([{ ...CALL, state: 'ringing' }]);
  started[0]!.main.tell('state', state([listed]));
  started[0]!.main.tell('turns', CALL.callSid, []);
  started[0]!.main.tell('cut', CALL.callSid);
  await clock.goTo(clock.nowMs + 1);
  expect(process.host?.list()).toEqual([listed]);
  expect(process.host?.active).toBe(1);
  expect(lists).toEqual([undefined, 1]);
  expect(heard).toEqual([`turns ${CALL.callSid}`, `cut ${CALL.callSid}`]);
  started[0]!.main.tell('state', state([]));
  await clock.goTo(clock.nowMs + 1);
  expect(process.host?.has(CALL.callSid)).toBe(false);
});

test('a process that ends is started again, later each time while it ends soon', async () => {
  const { process, clock, started, heard } = supervised();
  const opened = process.open();
  started[0]!.ready([listed]);
  await opened;
  started[0]!.exit(null, 'SIGSEGV');
  expect(process.host).toBeUndefined();
  expect(heard).toEqual(['ended with 1']);
  await clock.goTo(clock.nowMs + 1_999);
  expect(started).toHaveLength(1);
  await clock.goTo(clock.nowMs + 1);
  expect(started).toHaveLength(2);
  started[1]!.exit(1);
  await clock.goTo(clock.nowMs + 9_999);
  expect(started).toHaveLength(2);
  await clock.goTo(clock.nowMs + 1);
  started[2]!.ready();
  // One that has lasted a minute is started at once.
  await clock.goTo(clock.nowMs + 60_000);
  started[2]!.exit(1);
  await clock.goTo(clock.nowMs + 500);
  expect(started).toHaveLength(4);
});

test('a process that the system cannot start for now is started later', async () => {
  const { process, clock, started, failures } = supervised();
  const opened = process.open();
  started[0]!.ready();
  await opened;
  const never = new NeverStarted();
  failures.push(never, new Error('spawn ENOMEM'));
  started[0]!.exit(1);
  await clock.goTo(clock.nowMs + 2_000);
  never.fails();
  await clock.goTo(clock.nowMs + 10_000);
  expect(failures).toEqual([]);
  await clock.goTo(clock.nowMs + 60_000);
  expect(started).toHaveLength(2);
  await clock.goTo(clock.nowMs + 10_000);
  failures.push(new NeverStarted());
  started[1]!.exit(1);
  await process.close(25);
});

test('a process that cannot take calls in time is killed', async () => {
  const { process, clock, started } = supervised();
  const opened = expect(process.open()).rejects.toThrow('cannot take calls within 30000 ms');
  await clock.goTo(clock.nowMs + 30_000);
  await opened;
  expect(started[0]!.asked).toEqual(['exit SIGKILL']);
});

test('a process that hangs is killed, and started again', async () => {
  const { process, clock, started, heard } = supervised();
  const opened = process.open();
  started[0]!.ready([listed]);
  await opened;
  await clock.goTo(clock.nowMs + 3_000);
  started[0]!.end.other!.isStalled = true;
  await clock.goTo(clock.nowMs + 5_000);
  started[0]!.end.other!.isStalled = false;
  await clock.goTo(clock.nowMs + 3_000);
  expect(started[0]!.asked).toEqual([]);
  started[0]!.end.other!.isStalled = true;
  await clock.goTo(clock.nowMs + 12_000);
  expect(started[0]!.asked).toEqual(['exit SIGKILL']);
  expect(heard).toEqual(['ended with 1']);
  expect(started).toHaveLength(2);
});

test('a stopped process has its time, is not started again, and is killed if it does not exit', async () => {
  const { process, clock, started, heard } = supervised();
  const opened = process.open();
  started[0]!.ready();
  await opened;
  const closed = process.close(25);
  process.hurry();
  await clock.goTo(clock.nowMs + 54_999);
  expect(started[0]!.asked).toEqual(['stop 25', 'hurry']);
  await clock.goTo(clock.nowMs + 1);
  await closed;
  expect(started[0]!.asked.at(-1)).toBe('exit SIGKILL');
  await clock.goTo(clock.nowMs + 120_000);
  expect(started).toHaveLength(1);
  expect(heard).toEqual([]);
});

test('the interest of the desk is sent when it changes, with the calls of this process alone', async () => {
  const { process, clock, started } = supervised();
  const opened = process.open();
  started[0]!.ready([listed]);
  await opened;
  const interest = { isWatched: true, hasAvailableOperator: true, listened: ['CA0', CALL.callSid] };
  for (let count = 0; count < 3; count += 1) process.host?.setInterest(interest);
  await clock.goTo(clock.nowMs + 1);
  expect(started[0]!.asked).toEqual([JSON.stringify({ ...interest, listened: [CALL.callSid] })]);
});
