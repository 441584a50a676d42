import {
  type Context,
  type HrTime,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import type { CallEvent, ServiceResponse } from '../../events/call-events.ts';
import { knownReason } from '../metrics/call-counters.ts';

/** Responses that wait for the end of a turn. Beyond this the oldest get their spans at once. */
const MAX_WAITING = 200;

type EventOf<Kind extends CallEvent['kind']> = Extract<CallEvent, { kind: Kind }>;
type TracedEvent = EventOf<
  'ringing' | 'stream' | 'utterance' | 'answer' | 'piece' | 'sent' | 'clear' | 'end'
>;

/** The names of the spans of requests. */
const SPAN_NAMES: Readonly<Record<ServiceResponse['service'], string>> = {
  transcription: 'transcription',
  'streaming-transcription': 'transcription',
  'end-of-turn': 'end of turn',
  chat: 'reply',
  speech: 'speech',
  'speech-to-speech': 'speech to speech',
  summary: 'summary',
};

interface OpenTurn {
  readonly span: Span;
  readonly context: Context;
  /** When the last thing happened that belongs to the turn. */
  lastAtMs: number;
  /** The first piece of its reply; its first audio ends the wait of the caller. */
  piece?: number;
  sent?: boolean;
}

/**
 * The spans of one call: `call`, in it one `turn` for each utterance of the caller, in it one span for each request to a service. Requests
 * are made before the turn that they belong to is known to be over, so their spans are created at the next turn. All times are those
 * of the events. No words, names or numbers of callers are in them.
 */
export class CallTrace {
  readonly #tracer: Tracer;
  readonly #span: Span;
  readonly #context: Context;
  readonly #waiting: { readonly answer: ServiceResponse; readonly endMs: number }[] = [];
  #turn: OpenTurn | undefined;
  /** Our clock at call time 0. */
  #zeroAtMs: number;
  #ended = false;

  constructor(tracer: Tracer, callSid: string, atMs: number) {
    this.#tracer = tracer;
    const attributes = { 'offhook.call_sid': callSid };
    this.#span = tracer.startSpan('call', { startTime: time(atMs), attributes }, ROOT_CONTEXT);
    this.#context = trace.setSpan(ROOT_CONTEXT, this.#span);
    this.#zeroAtMs = atMs;
  }

  take(event: TracedEvent): void {
    switch (event.kind) {
      case 'ringing':
        this.#span.setAttribute('offhook.format', event.format);
        break;
      case 'stream':
        this.#zeroAtMs = event.atMs - event.startMs;
        this.#span.addEvent('stream started', time(event.atMs));
        break;
      case 'utterance':
        if (!event.operator) this.#begin(event);
        break;
      case 'answer':
        this.#answered({ answer: event.answer, endMs: event.atMs });
        break;
      case 'piece':
        if (this.#turn && event.role === 'reply') this.#turn.piece ??= event.piece;
        break;
      case 'sent':
        this.#sent(event);
        break;
      case 'clear':
        (this.#turn?.span ?? this.#span).addEvent('audio discarded', time(event.atMs));
        break;
      case 'end':
        this.#end(event);
        break;
    }
  }

  /** No event follows. */
  close(): void {
    for (const each of this.#waiting.splice(0)) this.#request(each, this.#context);
    if (!this.#ended) this.#span.end();
  }

  #begin({ turn, startMs, atMs }: EventOf<'utterance'>): void {
    const startAtMs = this.#zeroAtMs + startMs;
    this.#finishTurn(startAtMs);
    const options = { startTime: time(startAtMs), attributes: { 'offhook.turn': turn } };
    const span = this.#tracer.startSpan('turn', options, this.#context);
    span.addEvent('turn over', time(atMs));
    this.#turn = { span, context: trace.setSpan(this.#context, span), lastAtMs: atMs };
  }

  /** Ends the turn with the responses whose requests were made before `beforeMs`. */
  #finishTurn(beforeMs: number): void {
    const later = this.#waiting.filter(({ answer }) => answer.askedAtMs >= beforeMs);
    const own = this.#waiting.filter(({ answer }) => answer.askedAtMs < beforeMs);
    this.#waiting.splice(0, this.#waiting.length, ...later);
    for (const each of own) this.#request(each, this.#turn?.context ?? this.#context);
    const turn = this.#turn;
    this.#turn = undefined;
    turn?.span.end(time(Math.max(turn.lastAtMs, ...own.map(({ endMs }) => endMs))));
  }

  #answered(response: { readonly answer: ServiceResponse; readonly endMs: number }): void {
    if (this.#ended) {
      this.#request(response, this.#context);
      return;
    }
    this.#waiting.push(response);
    const oldest = this.#waiting.length > MAX_WAITING ? this.#waiting.shift() : undefined;
    if (oldest) this.#request(oldest, this.#turn?.context ?? this.#context);
  }

  #sent({ piece, atMs }: EventOf<'sent'>): void {
    const turn = this.#turn;
    if (!turn || turn.sent || turn.piece !== piece) return;
    turn.sent = true;
    turn.lastAtMs = Math.max(turn.lastAtMs, atMs);
    turn.span.addEvent('first audio sent', time(atMs));
  }

  #end({ atMs, reason }: EventOf<'end'>): void {
    this.#finishTurn(Infinity);
    this.#ended = true;
    this.#span.setAttribute('offhook.end_reason', knownReason(reason));
    this.#span.end(time(atMs));
  }

  #request({ answer, endMs }: { answer: ServiceResponse; endMs: number }, context: Context): void {
    const { service, askedAtMs, pieces, error, failure } = answer;
    const attributes = { 'offhook.service': service };
    const span = this.#tracer.startSpan(
      SPAN_NAMES[service],
      { startTime: time(askedAtMs), attributes },
      context,
    );
    const [first] = pieces;
    if (first) span.addEvent('first part', time(askedAtMs + first.afterMs));
    if (error === 'cancelled') span.setAttribute('offhook.cancelled', true);
    else if (error !== undefined) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      // Messages of servers may repeat what was said.
      span.setAttribute(
        'error.type',
        failure?.status === undefined ? (failure?.code ?? 'failed') : String(failure.status),
      );
    }
    span.end(time(Math.max(askedAtMs, endMs)));
  }
}

/** Seconds and nanoseconds of the epoch: a plain number may be taken for one of `performance.now()`. */
function time(atMs: number): HrTime {
  const seconds = Math.floor(atMs / 1_000);
  return [seconds, Math.round((atMs - seconds * 1_000) * 1e6)];
}
