import type { HeardPiece } from '../call/playback/playback.ts';
import type { Clock } from '../events/clock.ts';
import type { CallEventBus } from '../events/event-bus.ts';
import type { Topic } from '../events/topic.ts';
import {
  LIVE_TRANSCRIPT_KINDS,
  type LiveChanges,
  LiveTranscript,
  type EarlierCall,
} from './live-transcript.ts';

/** Knows what was heard of a piece of a live call, in call time. */
export interface HeardPieces {
  heard(callSid: string, piece: number, atMs: number): HeardPiece | undefined;
}

/** Gets what has changed in a live call. */
export type LiveTranscriptChanges = Topic<[callSid: string, changes: LiveChanges]>;

/** Whether anybody sees the changes as they happen. */
export interface TranscriptWatchers {
  readonly isWatched: boolean;
}

export interface LiveTranscriptsOptions {
  readonly events: CallEventBus;
  readonly calls: HeardPieces;
  readonly changes: LiveTranscriptChanges;
  /** Calls whose files were written or cannot be written, and calls that were erased before. */
  readonly finalized: Topic<[callSid: string]>;
  readonly clock: Pick<Clock, 'now'>;
  readonly watchers: TranscriptWatchers;
}

/** The time between two looks for changes while no browser watches. */
const UNWATCHED_TICK_MS = 1_000;

/** The catalogue entries and transcripts of live calls, updated by their events. They need no catalogue. */
export class LiveTranscripts {
  readonly #options: LiveTranscriptsOptions;
  readonly #entries = new Map<string, LiveTranscript>();
  /** Those that may have changed; the others change with their next event. */
  readonly #unsettled = new Map<string, LiveTranscript>();
  #tickedAtMs = -Infinity;

  constructor(options: LiveTranscriptsOptions) {
    this.#options = options;
    options.events.subscribe(LIVE_TRANSCRIPT_KINDS, (callSid, event) => {
      if (event.kind === 'ringing') this.#add(callSid);
      const entry = this.#entries.get(callSid);
      if (!entry) return;
      entry.take(event);
      this.#unsettled.set(callSid, entry);
      if (event.kind === 'end') this.#publish(callSid, entry, options.clock.now());
    });
    options.finalized.subscribe((callSid) => {
      this.#entries.delete(callSid);
      this.#unsettled.delete(callSid);
    });
  }

  /** A call of an earlier process continues. */
  resume(before: EarlierCall): void {
    this.#add(before.callSid, before);
  }

  /** Publishes the changes of each call; to be called every 250 ms. */
  tick(atMs: number): void {
    if (!this.#options.watchers.isWatched && atMs - this.#tickedAtMs < UNWATCHED_TICK_MS) return;
    this.#tickedAtMs = atMs;
    for (const [callSid, entry] of this.#unsettled) {
      this.#publish(callSid, entry, atMs);
      if (entry.isSettled(atMs)) this.#unsettled.delete(callSid);
    }
  }

  #add(callSid: string, before?: EarlierCall): void {
    const { calls } = this.#options;
    const entry = new LiveTranscript((piece, atMs) => calls.heard(callSid, piece, atMs), before);
    this.#entries.set(callSid, entry);
    this.#unsettled.set(callSid, entry);
  }

  #publish(callSid: string, entry: LiveTranscript, atMs: number): void {
    const changes = entry.changes(atMs);
    if (changes.call || changes.turns.length > 0) this.#options.changes.publish(callSid, changes);
  }
}
