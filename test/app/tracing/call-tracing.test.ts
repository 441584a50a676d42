import { ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { afterEach, expect, it } from 'vitest';
import { traceCalls } from '../../../src/app/tracing/call-tracing.ts';
import type { CallEvent, ServiceResponse } from '../../../src/events/call-events.ts';
import { CallEventBus } from '../../../src/events/event-bus.ts';
import { Topic } from '../../../src/events/topic.ts';
import { TOLD_AT_MS, TOLD_SID, ToldCall } from '../../records/told-call.ts';

afterEach(() => trace.disable());

function rethrow(error: unknown): never {
  throw error;
}

function scene({ registered = true } = {}) {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  if (registered) trace.setGlobalTracerProvider(provider);
  const events = new CallEventBus(rethrow);
  const finalized = new Topic<[string]>(rethrow);
  traceCalls(events, finalized);
  const publish = (published: readonly CallEvent[]): void => {
    for (const event of published) events.publish(TOLD_SID, event);
  };
  return { publish, finalized, spans: () => exporter.getFinishedSpans() };
}

let ids = 0;
function answer(
  service: ServiceResponse['service'],
  askedAt: number,
  endAt: number,
  failed: Pick<ServiceResponse, 'error' | 'failure'> = {},
): CallEvent {
  const id = (ids += 1);
  const request = 'What did my invoice of June cost?';
  const pieces = failed.error === undefined ? [{ afterMs: 100, text: 'It was 20 euros.' }] : [];
  const response = { service, id, askedAtMs: TOLD_AT_MS + askedAt, request, pieces, ...failed };
  return { kind: 'answer', atMs: TOLD_AT_MS + endAt, answer: response };
}

/** A greeting, two turns and their replies; the second transcription fails. */
function twoTurns(): ToldCall {
  const call = new ToldCall();
  call.tell(answer('speech', 50, 400)).says(420, 2_000, { text: 'Hello.', role: 'greeting' });
  call.tell(answer('transcription', 7_900, 8_100));
  call.turn(1, 5_000, 8_000, 'I would like to ask about an invoice.');
  call.tell(answer('chat', 8_200, 9_000)).tell(answer('speech', 8_600, 9_400));
  call.says(9_100, 2_000, { text: 'Gladly.', reply: 2 });
  const failure = { kind: 'service', status: 503, said: 'busy: June invoice', did: 'asked again' } as const;
  call.tell(answer('transcription', 14_000, 14_500, { error: 'HTTP 503', failure }));
  call.turn(2, 12_000, 14_100).tell(answer('chat', 14_600, 14_700, { error: 'cancelled' }));
  return call.ends(15_000);
}

const ms = ([seconds, nanos]: readonly [number, number]): number =>
  Math.round(seconds * 1_000 + nanos / 1e6 - TOLD_AT_MS);

/** Name, parent, start and end of each span, in order of their starts. */
function table(spans: readonly ReadableSpan[]): string[] {
  const nameOf = (id: string | undefined): string => {
    const parent = spans.find((span) => span.spanContext().spanId === id);
    return parent ? [parent.name, parent.attributes['offhook.turn']].join(' ').trim() : 'none';
  };
  return [...spans]
    .sort((one, other) => ms(one.startTime) - ms(other.startTime))
    .map(
      (span) =>
        `${nameOf(span.parentSpanContext?.spanId)} > ${span.name} ${ms(span.startTime)}–${ms(span.endTime)}`,
    );
}

it('a call has a span, in it its turns, in them the requests to services, with the times of the events', () => {
  const { publish, spans } = scene();
  publish(twoTurns().events);
  expect(table(spans())).toEqual([
    'none > call 0–15000',
    'call > speech 50–400',
    'call > turn 5000–9400',
    'turn 1 > transcription 7900–8100',
    'turn 1 > reply 8200–9000',
    'turn 1 > speech 8600–9400',
    'call > turn 12000–14800',
    'turn 2 > transcription 14000–14500',
    'turn 2 > reply 14600–14700',
  ]);
  const [call] = spans().filter(({ name }) => name === 'call');
  expect(call!.attributes).toEqual({
    'offhook.call_sid': TOLD_SID,
    'offhook.format': 'wav',
    'offhook.end_reason': 'stop',
  });
  const [turn] = spans().filter(({ name }) => name === 'turn');
  expect(turn!.events.map(({ name, time }) => [name, ms(time)])).toEqual([
    ['turn over', expect.any(Number)],
    ['first audio sent', 9_100],
  ]);
});

it('a failed request is an error with its status alone, a cancelled one is none', () => {
  const { publish, spans } = scene();
  publish(twoTurns().events);
  const failed = spans().filter(({ status }) => status.code === SpanStatusCode.ERROR);
  expect(failed.map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([
    ['transcription', '503'],
  ]);
  expect(failed[0]!.status.message).toBeUndefined();
  expect(spans().filter(({ attributes }) => attributes['offhook.cancelled'])).toHaveLength(1);
});

it('no words and no numbers of callers are in the spans', () => {
  const { publish, spans } = scene();
  publish(twoTurns().events);
  const text = JSON.stringify(
    spans().map(({ name, attributes, events, status, links }) => ({
      name,
      attributes,
      events,
      status,
      links,
    })),
  );
  for (const secret of ['invoice', 'euros', 'Hello', 'Gladly', '5550100', '5550199', 'June'])
    expect(text).not.toContain(secret);
});

it('a call that continues after a crash has a span from its new stream on; one without an end ends with its files', () => {
  const { publish, spans, finalized } = scene();
  publish(twoTurns().events.filter(({ kind }) => kind !== 'ringing' && kind !== 'end'));
  expect(spans().map(({ name }) => name)).not.toContain('call');
  finalized.publish(TOLD_SID);
  expect(table(spans()).filter((line) => line.startsWith('none'))).toHaveLength(1);
});

it('without a tracer provider nothing is subscribed', () => {
  const subscribed: unknown[] = [];
  const events = { subscribe: (kinds: unknown) => subscribed.push(kinds) } as unknown as CallEventBus;
  traceCalls(events, new Topic(rethrow));
  expect(subscribed).toEqual([]);
  expect(trace.getSpan(ROOT_CONTEXT)).toBeUndefined();
});
