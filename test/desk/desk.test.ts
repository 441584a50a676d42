import { expect, test } from 'vitest';
import type { FormatOutcome } from '../../src/call/call-registry-options.ts';
import type { DeskCall, ToDesk } from '../../src/desk/desk-messages.ts';
import type { DeskCalls, ListedCall } from '../../src/desk/desk-ports.ts';
import { Desk } from '../../src/desk/desk.ts';

const CALL = `CA${'1'.repeat(32)}`;
const RINGING: ListedCall = {
  callSid: CALL,
  from: '+4930',
  to: '+4940',
  startedAt: '2026-07-13T10:30:00Z',
  state: 'ringing',
  format: 'mp3',
  bell: true,
};

/** One call, and what was asked of it. */
class OneCall implements DeskCalls {
  readonly asked: string[] = [];
  listed: ListedCall = RINGING;

  list(): readonly ListedCall[] {
    return [this.listed];
  }
  takeOver(): Promise<boolean> {
    return Promise.resolve(true);
  }
  handBack(): Promise<boolean> {
    return Promise.resolve(true);
  }
  decline(callSid: string): Promise<boolean> {
    this.asked.push(`decline ${callSid}`);
    return Promise.resolve(true);
  }
  say(): void {}
  guide(): Promise<boolean> {
    return Promise.resolve(this.listed.assisted === true);
  }
  hangUp(): Promise<boolean> {
    return Promise.resolve(true);
  }
  setFormat(): Promise<FormatOutcome> {
    return Promise.resolve('finished');
  }
}

function operator(desk: Desk): { id: string; told: ToDesk[]; latest: () => DeskCall | undefined } {
  const told: ToDesk[] = [];
  const id = desk.arrive({ slow: false, send: (message) => told.push(message) }, undefined)!;
  const latest = () => told.flatMap((one) => (one.type === 'call' ? [one.call] : [])).at(-1);
  return { id, told, latest };
}

test('a declined call rings on for other operators; when all have declined, the assistant answers', async () => {
  const calls = new OneCall();
  const desk = new Desk(calls);
  const [first, second, absent] = [operator(desk), operator(desk), operator(desk)];
  await desk.take(absent.id, { type: 'available', available: false });
  await desk.take(first.id, { type: 'decline', callSid: CALL });
  desk.tick(0);
  expect(first.latest()).toMatchObject({ bell: true, declined: true });
  expect(second.latest()).toMatchObject({ bell: true });
  expect(second.latest()?.declined).toBeUndefined();
  expect(calls.asked).toEqual([]);
  await desk.take(second.id, { type: 'decline', callSid: CALL });
  expect(calls.asked).toEqual([`decline ${CALL}`]);
});

test('a refusal names the message and the call', async () => {
  const calls = new OneCall();
  calls.listed = { ...RINGING, state: 'listening', bell: undefined };
  const desk = new Desk(calls);
  const { id, told } = operator(desk);
  for (const type of ['decline', 'handBack'] as const) await desk.take(id, { type, callSid: CALL });
  await desk.take(id, { type: 'guide', callSid: CALL, text: 'Be brief.' });
  expect(told.slice(1)).toEqual([
    { type: 'error', message: 'The call does not ring any more.', about: 'decline', callSid: CALL },
    { type: 'error', message: 'You do not hold this call.', about: 'handBack', callSid: CALL },
    {
      type: 'error',
      message: 'No assistant has this call, so the instruction was not sent.',
      about: 'guide',
      callSid: CALL,
    },
  ]);
});

test('the words of a caller who speaks are sent when they have changed', () => {
  const calls = new OneCall();
  const desk = new Desk(calls);
  const watcher = operator(desk);
  const states = (): (string | undefined)[] =>
    watcher.told.flatMap((one) => (one.type === 'call' ? [one.call.partialText] : []));
  const { bell: _, ...answered } = RINGING;
  for (const partialText of ['I', 'I', 'I would', undefined, undefined]) {
    calls.listed = { ...answered, state: 'listening', partialText };
    desk.tick(0);
  }
  expect(states()).toEqual(['I', 'I would', undefined]);
});

test('calls that were reported are shown before the next tick, and not again by it', () => {
  const calls = new OneCall();
  const desk = new Desk(calls);
  const watcher = operator(desk);
  desk.showCalls();
  calls.listed = { ...RINGING, state: 'greeting', bell: undefined };
  desk.showCalls();
  desk.tick(0);
  expect(watcher.told.flatMap((one) => (one.type === 'call' ? [one.call.state] : []))).toEqual([
    'ringing',
    'greeting',
  ]);
});

test('a changed call is one message for all operators who neither hold it nor have declined it', async () => {
  const calls = new OneCall();
  const desk = new Desk(calls);
  const [holder, first, second] = [operator(desk), operator(desk), operator(desk)];
  await desk.take(holder.id, { type: 'takeOver', callSid: CALL });
  desk.tick(0);
  expect(first.told.at(-1)).toBe(second.told.at(-1));
  expect(first.latest()).toMatchObject({ callSid: CALL, operator: 'another' });
  expect(holder.latest()).toMatchObject({ callSid: CALL, operator: 'you' });
});

test('a call that another process reports again without a change is not sent again', () => {
  const calls = new OneCall();
  const desk = new Desk(calls);
  const { told } = operator(desk);
  desk.tick(0);
  const before = told.length;
  calls.listed = { ...RINGING };
  desk.tick(250);
  expect(told).toHaveLength(before);
  const turn = {
    id: 'caller-1',
    speaker: 'caller',
    kind: 'speech',
    startMs: 0,
    endMs: 900,
    cut: false,
  } as const;
  for (const text of ['Hello.', 'Hello.', 'Hello there.']) {
    desk.changed(CALL, [{ ...turn, text }]);
    desk.tick(500);
  }
  const words = told.slice(before).flatMap((one) => (one.type === 'call' ? [one.call.lastWords?.text] : []));
  expect(words).toEqual(['Hello.', 'Hello there.']);
});
