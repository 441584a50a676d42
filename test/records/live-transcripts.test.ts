import { expect, it } from 'vitest';
import type { CallEvent } from '../../src/events/call-events.ts';
import { CallEventBus } from '../../src/events/event-bus.ts';
import { Topic } from '../../src/events/topic.ts';
import type { LiveChanges } from '../../src/records/live-transcript.ts';
import { LiveTranscripts } from '../../src/records/live-transcripts.ts';
import { TOLD_AT_MS, TOLD_SID, usualCall } from './told-call.ts';

function scene() {
  const rethrow = (error: unknown): void => {
    throw error;
  };
  const events = new CallEventBus(rethrow);
  const changes = new Topic<[string, LiveChanges]>(rethrow);
  const finalized = new Topic<[string]>(rethrow);
  const calls = { heard: () => undefined };
  const clock = { now: () => TOLD_AT_MS };
  const watchers = { isWatched: true };
  const live = new LiveTranscripts({ events, calls, changes, finalized, clock, watchers });
  const published: [string, LiveChanges][] = [];
  changes.subscribe((...change) => published.push(change));
  return { events, live, published, finalized, watchers };
}

const RINGING = usualCall().events[0]!;
const UTTERANCE: CallEvent = {
  kind: 'utterance',
  atMs: TOLD_AT_MS + 1_000,
  turn: 3,
  startMs: 200,
  endMs: 900,
  asked: true,
};
const TEXT: CallEvent = { kind: 'text', atMs: TOLD_AT_MS + 1_600, turn: 3, text: 'Hello.' };
const END: CallEvent = { kind: 'end', atMs: TOLD_AT_MS + 2_000, reason: 'completed' };

it('publishes the changes of a call from its first event, and its end at once', () => {
  const { events, live, published } = scene();
  events.publish(TOLD_SID, RINGING);
  events.publish(TOLD_SID, UTTERANCE);
  expect(published).toEqual([]);
  live.tick(TOLD_AT_MS + 1_100);
  expect(published).toMatchObject([[TOLD_SID, { call: { state: 'live' }, turns: [{ id: 'caller-3' }] }]]);
  events.publish(TOLD_SID, END);
  expect(published[1]).toMatchObject([TOLD_SID, { call: { state: 'finishing' }, turns: [] }]);
});

it('publishes a call of an earlier process that continues', () => {
  const { events, live, published } = scene();
  const identity = { callSid: TOLD_SID, from: '+15550100', to: '+15550199' };
  live.resume({ ...identity, startedAtMs: TOLD_AT_MS, format: 'wav', keys: 0 });
  events.publish(TOLD_SID, UTTERANCE);
  live.tick(TOLD_AT_MS + 1_100);
  expect(published).toMatchObject([[TOLD_SID, { call: { state: 'live' }, turns: [{ id: 'caller-3' }] }]]);
});

it('ignores events of unknown calls, and of calls whose files were written', () => {
  const { events, live, published, finalized } = scene();
  events.publish(TOLD_SID, UTTERANCE);
  events.publish(TOLD_SID, RINGING);
  finalized.publish(TOLD_SID);
  events.publish(TOLD_SID, END);
  live.tick(TOLD_AT_MS + 3_000);
  expect(published).toEqual([]);
});

it('publishes changes once a second while nobody watches, and at the next tick when somebody does', () => {
  const { events, live, published, watchers } = scene();
  watchers.isWatched = false;
  events.publish(TOLD_SID, RINGING);
  live.tick(TOLD_AT_MS);
  expect(published).toHaveLength(1);
  events.publish(TOLD_SID, UTTERANCE);
  live.tick(TOLD_AT_MS + 750);
  expect(published).toHaveLength(1);
  live.tick(TOLD_AT_MS + 1_000);
  expect(published).toHaveLength(2);
  events.publish(TOLD_SID, { kind: 'text', atMs: TOLD_AT_MS + 1_100, turn: 3, text: 'Hello.' });
  watchers.isWatched = true;
  live.tick(TOLD_AT_MS + 1_250);
  expect(published[2]).toMatchObject([TOLD_SID, { turns: [{ id: 'caller-3', text: 'Hello.' }] }]);
});

it('does not look at all calls in the same tick while nobody watches, also after somebody watched', () => {
  const { events, live, published, watchers } = scene();
  const later = 'CA00000000000000000000000000000002';
  events.publish(TOLD_SID, RINGING);
  events.publish(later, RINGING);
  live.tick(TOLD_AT_MS);
  expect(published.map(([callSid]) => callSid)).toEqual([TOLD_SID, later]);
  watchers.isWatched = false;
  const publishedAt = (event: CallEvent, atMs: number): string[] => {
    for (const callSid of [TOLD_SID, later]) events.publish(callSid, event);
    const before = published.length;
    live.tick(TOLD_AT_MS + atMs);
    return published.slice(before).map(([callSid]) => callSid);
  };
  expect(publishedAt(UTTERANCE, 250)).toEqual([later]);
  expect(publishedAt(UTTERANCE, 1_000)).toEqual([TOLD_SID]);
  expect(publishedAt(TEXT, 1_250)).toEqual([later]);
  expect(publishedAt(TEXT, 2_000)).toEqual([TOLD_SID]);
});
