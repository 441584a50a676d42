import type { CallEvent } from '../call/events.ts';
import type { HeardPiece } from '../call/playback.ts';
import { LiveEntry, type LiveChanges, type SeenBefore } from './live-entry.ts';

export interface LiveEntriesOptions {
  /** What was heard of a piece of a live call, in call time. */
  readonly heard: (callSid: string, piece: number, atMs: number) => HeardPiece | undefined;
  /** Told of what has changed of a live call. */
  readonly changed: (callSid: string, changes: LiveChanges) => void;
  readonly now: () => number;
}

/** The entries and transcripts of live calls, kept up with their events. They need no catalogue. */
export class LiveEntries {
  readonly #options: LiveEntriesOptions;
  readonly #entries = new Map<string, LiveEntry>();

  constructor(options: LiveEntriesOptions) {
    this.#options = options;
  }

  /** A call begins, or is resumed: returns the observer of its events. */
  watch(callSid: string, before?: SeenBefore): (event: CallEvent) => void {
    const { heard, now } = this.#options;
    const entry = new LiveEntry((piece, atMs) => heard(callSid, piece, atMs), before);
    this.#entries.set(callSid, entry);
    return (event) => {
      entry.take(event);
      if (event.kind === 'end') this.#tell(callSid, entry, now());
    };
  }

  /** The call's files are there, or it is given up. */
  forget(callSid: string): void {
    this.#entries.delete(callSid);
  }

  /** Tells what has changed of each call; to be called every quarter of a second. */
  tick(atMs: number): void {
    for (const [callSid, entry] of this.#entries) this.#tell(callSid, entry, atMs);
  }

  #tell(callSid: string, entry: LiveEntry, atMs: number): void {
    const changes = entry.changes(atMs);
    if (changes.call || changes.turns.length > 0) this.#options.changed(callSid, changes);
  }
}
