import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../../src/events/call-events.ts';
import { CALL_EVENT_KINDS, CallEventBus } from '../../src/events/event-bus.ts';

const SID = 'CA0123456789abcdef0123456789abcdef';
const CLEAR: CallEvent = { kind: 'clear', atMs: 1, fence: 'f' };
const END: CallEvent = { kind: 'end', atMs: 2, reason: 'completed' };
const FRAME: CallEvent = { kind: 'caller', atMs: 3, streamMs: 0, samples: 160, mulaw: new Uint8Array(160) };

function scene() {
  const errors: unknown[] = [];
  const bus = new CallEventBus((error) => errors.push(error));
  return { bus, errors };
}

describe('CallEventBus', () => {
  it('delivers only the kinds that a subscriber requests', () => {
    const { bus } = scene();
    const got: string[] = [];
    bus.subscribe(['clear', 'end'], (callSid, event) => got.push(`${callSid} ${event.kind}`));
    for (const event of [FRAME, CLEAR, FRAME, END]) bus.publish(SID, event);
    expect(got).toEqual([`${SID} clear`, `${SID} end`]);
  });

  it('delivers every event in order to subscribers of all kinds', () => {
    const { bus } = scene();
    const got: string[] = [];
    bus.subscribe(CALL_EVENT_KINDS, (_, { kind }) => got.push(kind));
    for (const event of [FRAME, CLEAR, END]) bus.publish(SID, event);
    expect(got).toEqual(['caller', 'clear', 'end']);
  });

  it('calls subscribers before publish returns, in order of subscription', () => {
    const { bus } = scene();
    const got: number[] = [];
    bus.subscribe(['clear'], () => got.push(1));
    bus.subscribe(['clear'], () => got.push(2));
    bus.publish(SID, CLEAR);
    expect(got).toEqual([1, 2]);
  });

  it('delivers nothing to a subscriber that has unsubscribed, and everything to the others', () => {
    const { bus } = scene();
    const got: string[] = [];
    const unsubscribe = bus.subscribe(['clear', 'end'], () => got.push('first'));
    bus.subscribe(['clear'], () => got.push('second'));
    unsubscribe();
    bus.publish(SID, CLEAR);
    bus.publish(SID, END);
    expect(got).toEqual(['second']);
  });

  it('accepts the same handler twice and ends each subscription separately', () => {
    const { bus } = scene();
    let calls = 0;
    const handler = (): void => void (calls += 1);
    const unsubscribe = bus.subscribe(['clear'], handler);
    bus.subscribe(['clear'], handler);
    bus.publish(SID, CLEAR);
    unsubscribe();
    bus.publish(SID, CLEAR);
    expect(calls).toBe(3);
  });

  it('reports an error in a subscriber, which affects neither the publisher nor other subscribers', () => {
    const { bus, errors } = scene();
    const got: string[] = [];
    const mistake = new TypeError('a mistake');
    bus.subscribe(['clear'], () => {
      throw mistake;
    });
    bus.subscribe(['clear'], (_, { kind }) => got.push(kind));
    expect(() => bus.publish(SID, CLEAR)).not.toThrow();
    expect(got).toEqual(['clear']);
    expect(errors).toEqual([mistake]);
  });
});
