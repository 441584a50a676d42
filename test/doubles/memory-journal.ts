import type { CallEvent, CallEventLog } from '../../src/events/call-events.ts';

type Kind = CallEvent['kind'];

/** A journal that keeps what it is told, sound included, and can be asked for it. */
export class MemoryJournal implements CallEventLog {
  readonly events: CallEvent[] = [];

  append(event: CallEvent): void {
    // A line may reuse its bytes; a journal on disk has its own copy too.
    this.events.push('mulaw' in event ? { ...event, mulaw: event.mulaw.slice() } : event);
  }

  of<K extends Kind>(kind: K): Extract<CallEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<CallEvent, { kind: K }> => event.kind === kind);
  }
}
