import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { ProcessEnd } from '../../../src/app/processes/process-channel.ts';

/** One of two joined ends. Messages are cloned, and arrive in their order after the current task. */
export class JoinedEnd extends EventEmitter implements ProcessEnd {
  connected = true;
  /** Messages are kept unread while this is true. */
  isStalled = false;
  other: JoinedEnd | undefined;
  readonly #unread: (() => void)[] = [];

  send(
    message: object,
    handle: Socket | undefined,
    _options: object,
    sent: (error: Error | null) => void,
  ): boolean {
    const copy: unknown = structuredClone(message);
    const deliver = (): void => {
      sent(null);
      this.other?.emit('message', copy, handle);
    };
    if (this.other?.isStalled) this.#unread.push(deliver);
    else queueMicrotask(deliver);
    return true;
  }

  /** Both processes lose the connection. */
  disconnect(): void {
    for (const end of [this, this.other]) {
      if (!end) continue;
      end.connected = false;
      end.emit('disconnect');
    }
  }
}

/** The ends of a parent and of its child. */
export function joinedEnds(): readonly [JoinedEnd, JoinedEnd] {
  const ends = [new JoinedEnd(), new JoinedEnd()] as const;
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return ends;
}
