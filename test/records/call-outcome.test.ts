import { describe, expect, it } from 'vitest';
import { callOutcome } from '../../src/records/call-outcome.ts';
import { reconstructCall } from '../../src/records/reconstruct-call.ts';
import { TOLD_AT_MS, ToldCall } from './told-call.ts';

const ended = (call: ToldCall, reason = 'completed') =>
  callOutcome(
    reconstructCall(
      call.caller(4_000, 2_000).tell({ kind: 'end', atMs: TOLD_AT_MS + 6_000, reason }).events,
    )!,
  );
const greeted = () => new ToldCall().caller(0, 500).says(500, 1_000, { role: 'greeting' }).caller(500, 3_500);

describe('the outcome of a call', () => {
  it('is a conversation if the caller spoke or pressed keys and was answered', () => {
    expect(ended(greeted().turn(1, 2_000, 3_000, 'Hello?').says(4_000, 500))).toBe('conversation');
    const key = { kind: 'key', atMs: TOLD_AT_MS + 2_000, callMs: 2_000, digit: '5' } as const;
    expect(ended(greeted().tell(key).says(4_000, 500))).toBe('conversation');
    expect(ended(greeted().turn(1, 2_000, 3_000, 'Hello?').says(4_000, 500, { speaker: 'operator' }))).toBe(
      'conversation',
    );
  });

  it('is a message if only prompts answered, even if the words are unknown', () => {
    const prompted = greeted().turn(1, 2_000, 3_000, 'Call me back.').says(4_000, 500, { role: 'prompt' });
    expect(ended(prompted)).toBe('message');
    expect(ended(greeted().turn(1, 2_000, 3_000))).toBe('message');
  });

  it('is silent if the caller said no words', () => {
    expect(ended(greeted())).toBe('silent');
    expect(ended(greeted().turn(1, 2_000, 3_000, ''))).toBe('silent');
    expect(ended(new ToldCall({ stream: false }))).toBe('silent');
  });

  it('is failed if this software ended the call', () => {
    const talked = () => greeted().turn(1, 2_000, 3_000, 'Hello?').says(4_000, 500);
    expect(ended(talked(), 'internal error')).toBe('failed');
    expect(ended(talked(), 'interrupted')).toBe('failed');
    expect(ended(talked(), 'line lost')).toBe('conversation');
  });
});
