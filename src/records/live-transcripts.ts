import type { HeardPiece } from '../call/playback/playback.ts';
import type { CallEvent } from '../events/call-events.ts';
import { type LiveChanges, LiveTranscript, type SeenBefore } from './live-transcript.ts';

export interface LiveTranscriptsOptions {
  /** What was heard of a piece of a live call, in call time. */
  readonly heard: (callSid: string, piece: number, atMs: number) => HeardPiece | undefined;
  /** Told of what has changed of a live call. */
  readonly changed: (callSid: string, changes: LiveChanges) => void;
  readonly now: () => number;
}

/** The entries and transcripts of live calls, kept up with their events. They need no catalogue. */
export class LiveTranscripts {
  readonly #options: LiveTranscriptsOptions;
  readonly #entries = new Map<string, LiveTranscript>();

  constructor(options: LiveTranscriptsOptions) {
    this.#options = options;
  }

  /** A call begins, or is resumed: returns the observer of its events. */
  watch(callSid: string, before?: SeenBefore): (event: CallEvent) => void {
    const { heard, now } = this.#options;
    const entry = new LiveTranscript((piece, atMs) => heard(callSid, piece, atMs), before);
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

  #tell(callSid: string, entry: LiveTranscript, atMs: number): void {
    const changes = entry.changes(atMs);
    if (changes.call || changes.turns.length > 0) this.#options.changed(callSid, changes);
  }
}
