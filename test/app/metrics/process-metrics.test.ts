import { expect, test } from 'vitest';
import { JoinedMetrics } from '../../../src/app/metrics/joined-metrics.ts';
import { type MeasuredCalls, ProcessMetrics } from '../../../src/app/metrics/process-metrics.ts';
import type { ProcessState } from '../../../src/app/metrics/process-state.ts';
import type { FailingService } from '../../../src/app/services/service-health.ts';
import type { ListedCall } from '../../../src/desk/desk-ports.ts';
import type { CallEvent, ServiceResponse } from '../../../src/events/call-events.ts';
import { CallEventBus } from '../../../src/events/event-bus.ts';
import { Topic } from '../../../src/events/topic.ts';
import type { LiveChanges } from '../../../src/records/live-transcript.ts';
import type { TurnTiming } from '../../../src/records/reconstructed-call.ts';
import { parseMetrics, totalOf, valuesBy } from '../../support/prometheus-text.ts';
import { usualCall } from '../../records/told-call.ts';
import { HEALTH } from '../processes/health.ts';

const SID = 'CA1';
const rethrow = (error: unknown): void => {
  throw error;
};

/** The metrics of a process without calls. */
function scene() {
  const events = new CallEventBus(rethrow);
  const changes = new Topic<[string, LiveChanges]>(rethrow);
  const finalized = new Topic<[string]>(rethrow);
  const failing: FailingService[] = [];
  const listed: ListedCall[] = [];
  const figures = {
    ...HEALTH.figures,
    journalBacklogBytes: 7,
    journalSyncLagMs: 1_500,
    replicationLagMs: 2_500,
  };
  const jobs: { waitingJobs: number | undefined } = { waitingJobs: 5 };
  const state: ProcessState = {
    connected: 2,
    get health() {
      return { ...HEALTH, figures: { ...figures, ...jobs, journalLostEvents: 3, finishingCalls: 4 } };
    },
    list: () => listed,
  };
  const calls: MeasuredCalls = { events, changes, storage: { finalized }, services: { health: { failing } } };
  const metrics = new ProcessMetrics(calls, state);
  const process = { metrics: () => metrics.read() };
  const joined = new JoinedMetrics();
  return {
    ...{ finalized, failing, listed, jobs, process },
    publish: (...published: CallEvent[]) => published.forEach((event) => events.publish(SID, event)),
    timed: (turn: number, timing: TurnTiming) =>
      changes.publish(SID, {
        turns: [
          {
            id: `caller-${turn}`,
            speaker: 'caller',
            kind: 'speech',
            startMs: 0,
            endMs: 0,
            cut: false,
            turn,
            timing,
          },
        ],
      }),
    read: async () => parseMetrics(await joined.read([process])),
  };
}

function answer(service: ServiceResponse['service'], error?: string): CallEvent {
  return {
    kind: 'answer',
    atMs: 1,
    answer: { service, id: 1, askedAtMs: 0, request: '', pieces: [], error },
  };
}

const call = (state: ListedCall['state']): ListedCall => ({
  ...{ callSid: SID, from: '+15550100', to: '+15550199', startedAt: '2026-11-30T10:00:00Z' },
  ...{ state, format: 'mp3' },
});

test('calls are counted from their first event to their end, which has one of the known reasons', async () => {
  const { publish, read } = scene();
  publish(
    usualCall().events[0]!,
    { kind: 'end', atMs: 1, reason: 'farewell' },
    { kind: 'end', atMs: 2, reason: 'the caller said +15550100' },
  );
  const metrics = await read();
  expect(totalOf(metrics, 'offhook_calls_started_total')).toBe(1);
  expect(valuesBy(metrics, 'offhook_calls_ended_total', 'reason')).toEqual({ farewell: 1, other: 1 });
});

test('interruptions, discarded drafts, and requests by service and outcome are counted', async () => {
  const { publish, read } = scene();
  publish(
    { kind: 'clear', atMs: 1, fence: 'f1' },
    { kind: 'clear', atMs: 2, fence: 'f2' },
    { kind: 'draft-discarded', atMs: 3 },
    ...[answer('chat'), answer('chat', 'it answered 500'), answer('speech', 'cancelled'), answer('chat')],
  );
  const metrics = await read();
  expect(totalOf(metrics, 'offhook_interruptions_total')).toBe(2);
  expect(totalOf(metrics, 'offhook_drafts_discarded_total')).toBe(1);
  const { samples } = metrics.get('offhook_service_requests_total')!;
  expect(samples.filter(({ value }) => value > 0).map(({ labels, value }) => [labels, value])).toEqual([
    [{ service: 'chat', outcome: 'succeeded' }, 2],
    [{ service: 'chat', outcome: 'failed' }, 1],
    [{ service: 'speech', outcome: 'cancelled' }, 1],
  ]);
});

test('each reply counts once, with its final timing: when the next turn has one, or the files are written', async () => {
  const { timed, finalized, read } = scene();
  timed(1, { pauseMs: 200, heardMs: 900 });
  timed(1, { pauseMs: 200, heardMs: 1_100 });
  expect(valuesBy(await read(), 'offhook_turn_step_seconds', 'step')).toEqual({});
  timed(2, { pauseMs: 300, decidedMs: 400, heardMs: -20 });
  expect(valuesBy(await read(), 'offhook_turn_step_seconds', 'step')).toEqual({ pause: 1, heard: 1 });
  finalized.publish(SID);
  finalized.publish(SID);
  const metrics = await read();
  expect(valuesBy(metrics, 'offhook_turn_step_seconds', 'step')).toEqual({ pause: 2, decided: 1, heard: 2 });
  const sums = metrics
    .get('offhook_turn_step_seconds')!
    .samples.filter(({ name, value }) => name.endsWith('_sum') && value > 0)
    .map(({ labels, value }) => [labels['step'], value]);
  expect(sums).toEqual([
    ['pause', 0.5],
    ['decided', 0.4],
    ['heard', 1.1],
  ]);
});

test('the parts of a turn are the times from one step to the next; a reply that was prepared before the text took none', async () => {
  const { timed, finalized, read } = scene();
  timed(1, { pauseMs: 200, textMs: 350, tokenMs: 600, audioMs: 850, sentMs: 851, heardMs: 950 });
  timed(2, { pauseMs: 200, textMs: 700, tokenMs: 600 });
  finalized.publish(SID);
  const metrics = await read();
  expect(valuesBy(metrics, 'offhook_turn_part_seconds', 'part')).toEqual({
    transcription: 2,
    reply: 2,
    speech: 1,
    playback: 1,
  });
  const sums = metrics
    .get('offhook_turn_part_seconds')!
    .samples.filter(({ name }) => name.endsWith('_sum'))
    .map(({ labels, value }) => [labels['part'], Math.round(value * 1_000)]);
  expect(sums).toEqual([
    ['transcription', 650],
    ['reply', 250],
    ['speech', 250],
    ['playback', 100],
  ]);
});

test('the state of calls, journal and services is that of the moment, in base units', async () => {
  const { listed, failing, read } = scene();
  listed.push(call('listening'), call('speaking'), call('speaking'));
  failing.push({ service: 'chat', since: '2026-11-30T10:00:00Z', cause: 'connect ECONNREFUSED' });
  const metrics = await read();
  expect(valuesBy(metrics, 'offhook_calls', 'state')).toEqual({ listening: 1, speaking: 2 });
  expect(valuesBy(metrics, 'offhook_service_failing', 'service')).toEqual({ chat: 1 });
  expect(totalOf(metrics, 'offhook_streams')).toBe(2);
  expect(totalOf(metrics, 'offhook_calls_finishing')).toBe(4);
  expect(totalOf(metrics, 'offhook_journal_backlog_bytes')).toBe(7);
  expect(totalOf(metrics, 'offhook_journal_sync_lag_seconds')).toBe(1.5);
  expect(totalOf(metrics, 'offhook_replication_lag_seconds')).toBe(2.5);
  expect(totalOf(metrics, 'offhook_replication_backlog_bytes')).toBe(0);
  expect(totalOf(metrics, 'offhook_journal_lost_events_total')).toBe(3);
  listed.length = 0;
  failing.length = 0;
  const later = await read();
  expect(valuesBy(later, 'offhook_calls', 'state')).toEqual({});
  expect(valuesBy(later, 'offhook_service_failing', 'service')).toEqual({});
  expect(totalOf(later, 'offhook_journal_lost_events_total')).toBe(3);
});

test('processes are one server: numbers are added, the longest time counts, and what an ended process counted stays', async () => {
  const [one, other, restarted] = [scene(), scene(), scene()];
  for (const { publish } of [one, other, other]) publish({ kind: 'end', atMs: 1, reason: 'stop' });
  other.listed.push(call('thinking'));
  const joined = new JoinedMetrics();
  const read = async (...scenes: (typeof one)[]) =>
    parseMetrics(await joined.read(scenes.map(({ process }) => process)));
  const both = await read(one, other);
  expect(valuesBy(both, 'offhook_calls_ended_total', 'reason')).toEqual({ stop: 3 });
  expect(totalOf(both, 'offhook_processes')).toBe(2);
  expect(totalOf(both, 'offhook_journal_backlog_bytes')).toBe(14);
  expect(totalOf(both, 'offhook_journal_sync_lag_seconds')).toBe(1.5);
  restarted.publish({ kind: 'end', atMs: 2, reason: 'dead' });
  for (const metrics of [await read(one), await read(one)]) {
    expect(valuesBy(metrics, 'offhook_calls_ended_total', 'reason')).toEqual({ stop: 3 });
    expect(totalOf(metrics, 'offhook_processes')).toBe(1);
    expect(valuesBy(metrics, 'offhook_calls', 'state')).toEqual({});
  }
  const again = await read(one, restarted);
  expect(valuesBy(again, 'offhook_calls_ended_total', 'reason')).toEqual({ stop: 3, dead: 1 });
});

test('a process that does not answer fails the reading, and the next one succeeds', async () => {
  const { process } = scene();
  const silent = { metrics: () => Promise.reject(new Error('no answer within 2000 ms')) };
  const joined = new JoinedMetrics();
  await expect(joined.read([process, silent])).rejects.toThrow('no answer');
  expect(totalOf(parseMetrics(await joined.read([process])), 'offhook_processes')).toBe(1);
});

test('a number of jobs that is not known any more is left out', async () => {
  const { jobs, read } = scene();
  const known = async (): Promise<unknown> =>
    (await read()).get('offhook_finalization_jobs')?.samples.map(({ labels }) => labels['state']);
  expect(await known()).toEqual(['waiting', 'running', 'delayed']);
  jobs.waitingJobs = undefined;
  expect(await known()).toEqual(['running', 'delayed']);
});
