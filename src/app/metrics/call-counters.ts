import { Counter, type Registry } from 'prom-client';
import type { ServiceResponse } from '../../events/call-events.ts';
import type { CallEventBus } from '../../events/event-bus.ts';

/** The reasons for which calls end, as `endReason` has them. Any other one is counted as `other`. */
const END_REASONS = [
  'stop',
  'completed',
  'closed',
  'dead',
  'line lost',
  'farewell',
  'silence',
  'only noise is heard',
  'the caller repeats one text',
  'message taken',
  'time limit',
  'the desk hung up',
  'the server is shutting down',
  'interrupted',
  'internal error',
  'other',
] as const;

/** Every service that calls request. */
export const MEASURED_SERVICES = Object.keys({
  transcription: true,
  'streaming-transcription': true,
  'end-of-turn': true,
  chat: true,
  speech: true,
  'speech-to-speech': true,
  summary: true,
} satisfies Record<ServiceResponse['service'], true>) as readonly ServiceResponse['service'][];

const OUTCOMES = ['succeeded', 'failed', 'cancelled'] as const;

/** Counts events of calls. Media frames are not among them. */
export function countCallEvents(registry: Registry, events: CallEventBus): void {
  const registers = [registry];
  const started = new Counter({
    name: 'offhook_calls_started_total',
    help: 'Calls whose first stream started.',
    registers,
  });
  const ended = new Counter({
    name: 'offhook_calls_ended_total',
    help: 'Calls that ended, by the reason in their files.',
    labelNames: ['reason'],
    registers,
  });
  const interruptions = new Counter({
    name: 'offhook_interruptions_total',
    help: 'How often audio that was being played to a caller was cut off.',
    registers,
  });
  const drafts = new Counter({
    name: 'offhook_drafts_discarded_total',
    help: 'Replies that were prepared while a caller paused, and not used.',
    registers,
  });
  const requests = new Counter({
    name: 'offhook_service_requests_total',
    help: 'Requests of calls to services. Cancelled: the call no longer needed the response.',
    labelNames: ['service', 'outcome'],
    registers,
  });
  for (const reason of END_REASONS) ended.inc({ reason }, 0);
  for (const service of MEASURED_SERVICES)
    for (const outcome of OUTCOMES) requests.inc({ service, outcome }, 0);
  events.subscribe(['ringing', 'end', 'clear', 'draft-discarded', 'answer'], (_callSid, event) => {
    if (event.kind === 'ringing') started.inc();
    else if (event.kind === 'end') ended.inc({ reason: knownReason(event.reason) });
    else if (event.kind === 'clear') interruptions.inc();
    else if (event.kind === 'draft-discarded') drafts.inc();
    else requests.inc({ service: event.answer.service, outcome: outcomeOf(event.answer) });
  });
}

/** The reason, or `other`: reasons with details are not names of series. */
export function knownReason(reason: string): (typeof END_REASONS)[number] {
  return END_REASONS.find((known) => known === reason) ?? 'other';
}

function outcomeOf({ error }: ServiceResponse): (typeof OUTCOMES)[number] {
  if (error === undefined) return 'succeeded';
  return error === 'cancelled' ? 'cancelled' : 'failed';
}
