import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { ProcessChannel } from '../../../src/app/processes/process-channel.ts';
import { VirtualClock } from '../../../src/simulator/virtual-clock.ts';
import { joinedEnds } from './joined-ends.ts';

type Theirs = {
  add(one: number, other: number): Promise<number>;
  refuse(): Promise<void>;
  wait(): Promise<void>;
  note(text: string): void;
  take(text: string): void;
};

function channels() {
  const [ours, theirs] = joinedEnds();
  const clock = new VirtualClock(0);
  const noted: unknown[] = [];
  const failures: string[] = [];
  const failed = (error: unknown): void => void failures.push(String(error));
  const methods = {
    add: (one: number, other: number) => Promise.resolve(one + other),
    refuse: () => Promise.reject(new Error('no such call')),
    wait: () => new Promise<void>(() => undefined),
    note: (text: string) => void noted.push(text),
    take: (text: string, socket: Socket) => void noted.push(text, socket),
  };
  const other = new ProcessChannel(theirs, methods, clock, failed);
  return {
    channel: new ProcessChannel<Theirs>(ours, {}, clock, failed),
    other,
    ours,
    theirs,
    clock,
    noted,
    failures,
  };
}

test('a request is answered with its result or its error', async () => {
  const { channel } = channels();
  await expect(channel.ask('add', 1, 2)).resolves.toBe(3);
  await expect(channel.ask('refuse')).rejects.toThrow('no such call');
});

test('a process that does not answer, or ends, fails the requests that wait', async () => {
  const { channel, clock, ours } = channels();
  const late = expect(channel.ask('wait')).rejects.toThrow('no answer within 2000 ms');
  await clock.goTo(2_000);
  await late;
  const ended = expect(channel.ask('wait')).rejects.toThrow('the process has ended');
  ours.disconnect();
  await ended;
  await expect(channel.ask('add', 1, 2)).rejects.toThrow('the process has ended');
});

test('a late answer, and requests that are not known, change nothing', async () => {
  const { channel, other, failures } = channels();
  await expect(channel.ask('unknown' as 'wait')).rejects.toThrow('there is no request "unknown"');
  other.tell('nothing' as never, [] as never);
  await expect(channel.ask('add', 2, 2)).resolves.toBe(4);
  expect(failures).toEqual(['Error: there is no request "nothing"']);
});

test('messages arrive in order, a socket with its message', async () => {
  const { channel, noted } = channels();
  const socket = new Socket();
  channel.tell('note', 'first');
  const handed = channel.handOver(socket, 'take', 'second');
  channel.tell('note', 'third');
  await handed;
  await channel.ask('add', 0, 0);
  expect(noted).toEqual(['first', 'second', socket, 'third']);
});

test('a socket for a process that has ended is closed', async () => {
  const { channel, ours } = channels();
  ours.disconnect();
  const socket = new Socket();
  await expect(channel.handOver(socket, 'take', 'late')).rejects.toThrow('the process has ended');
  expect(socket.destroyed).toBe(true);
});

test('what may be lost is dropped while the other process does not read', () => {
  const { channel, theirs } = channels();
  theirs.isStalled = true;
  let sent = 0;
  const send = theirs.other!.send.bind(theirs.other);
  theirs.other!.send = (...message) => ((sent += 1), send(...message));
  for (let count = 0; count < 500; count += 1) channel.tellUnlessSlow('note', 'sound');
  expect(sent).toBe(200);
});
