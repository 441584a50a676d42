import { ProxyTracerProvider, trace, type Tracer } from '@opentelemetry/api';
import type { CallEventBus } from '../../events/event-bus.ts';
import type { Topic } from '../../events/topic.ts';
import { CallTrace } from './call-trace.ts';

/** Calls whose files were never written are forgotten beyond this number, the oldest first. */
const MAX_CALLS = 5_000;
const KINDS = ['ringing', 'stream', 'utterance', 'answer', 'piece', 'sent', 'clear', 'end'] as const;

/**
 * Makes OpenTelemetry spans from the events of calls. `finalized`: calls of which no event follows. Without a tracer provider, which
 * must be registered before the server is created, it subscribes to nothing.
 */
export function traceCalls(events: CallEventBus, finalized: Topic<[callSid: string]>): void {
  const tracer = registeredTracer();
  if (!tracer) return;
  const traces = new Map<string, CallTrace>();
  events.subscribe(KINDS, (callSid, event) => {
    const known = traces.get(callSid);
    // A call that an earlier process began has no `ringing` here.
    if (!known && event.kind !== 'ringing' && event.kind !== 'stream') return;
    const its = known ?? new CallTrace(tracer, callSid, event.atMs);
    if (!known) traces.set(callSid, its);
    its.take(event);
    for (const oldest of traces.keys()) {
      if (traces.size <= MAX_CALLS) break;
      traces.delete(oldest);
    }
  });
  finalized.subscribe((callSid) => {
    traces.get(callSid)?.close();
    traces.delete(callSid);
  });
}

/** Undefined if no tracer provider is registered. */
function registeredTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider();
  return provider instanceof ProxyTracerProvider
    ? provider.getDelegateTracer('offhook')
    : provider.getTracer('offhook');
}
