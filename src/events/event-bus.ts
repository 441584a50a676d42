import type { CallEvent } from './call-events.ts';
import { type SubscriberFailed, Topic } from './topic.ts';

export type CallEventKind = CallEvent['kind'];

/** Every kind of call event. */
export const CALL_EVENT_KINDS = Object.keys({
  ringing: true,
  stream: true,
  caller: true,
  piece: true,
  sent: true,
  'piece-words': true,
  'piece-complete': true,
  'mark-sent': true,
  'mark-back': true,
  clear: true,
  unsaid: true,
  key: true,
  utterance: true,
  text: true,
  'no-text': true,
  answer: true,
  format: true,
  operator: true,
  guidance: true,
  oddity: true,
  'draft-discarded': true,
  summary: true,
  'stream-end': true,
  end: true,
} satisfies Record<CallEventKind, true>) as readonly CallEventKind[];

export type CallEventHandler<Kind extends CallEventKind> = (
  callSid: string,
  event: Extract<CallEvent, { kind: Kind }>,
) => void;

/**
 * Publishes the events of all calls of this process, synchronously: each event to the subscribers of its kind. An event
 * without subscribers, such as most media frames, costs one lookup.
 */
export class CallEventBus {
  readonly #topics = new Map<CallEventKind, Topic<[string, CallEvent]>>();
  readonly #failed: SubscriberFailed;

  /** `failed` receives errors of subscribers. */
  constructor(failed: SubscriberFailed) {
    this.#failed = failed;
  }

  /** Returns an unsubscribe function. */
  subscribe<Kind extends CallEventKind>(kinds: readonly Kind[], handler: CallEventHandler<Kind>): () => void {
    const ends = kinds.map((kind) =>
      this.#topic(kind).subscribe((callSid, event) =>
        handler(callSid, event as Extract<CallEvent, { kind: Kind }>),
      ),
    );
    return () => {
      for (const end of ends) end();
    };
  }

  publish(callSid: string, event: CallEvent): void {
    this.#topics.get(event.kind)?.publish(callSid, event);
  }

  #topic(kind: CallEventKind): Topic<[string, CallEvent]> {
    const known = this.#topics.get(kind);
    if (known) return known;
    const topic = new Topic<[string, CallEvent]>(this.#failed);
    this.#topics.set(kind, topic);
    return topic;
  }
}
