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

/** The time between two looks at a call while no browser watches. */
const UNWATCHED_LOOK_MS = 1_000;
/** Calls are looked at in so many groups, one after the other, so that not all are in the same tick. */
const GROUPS = 4;

interface LiveCall {
  readonly transcript: LiveTranscript;
  /** Its second begins so much later than that of the first group. */
  readonly delayMs: number;
  lookedAtMs: number;
}

/** The catalogue entries and transcripts of live calls, updated by their events. They need no catalogue. */
export class LiveTranscripts {
  readonly #options: LiveTranscriptsOptions;
  readonly #calls = new Map<string, LiveCall>();
  /** Those that may have changed; the others change with their next event. */
  readonly #unsettled = new Map<string, LiveCall>();
  #added = 0;

  constructor(options: LiveTranscriptsOptions) {
    this.#options = options;
    options.events.subscribe(LIVE_TRANSCRIPT_KINDS, (callSid, event) => {
      if (event.kind === 'ringing') this.#add(callSid);
      const call = this.#calls.get(callSid);
      if (!call) return;
      call.transcript.take(event);
      this.#unsettled.set(callSid, call);
      if (event.kind === 'end') this.#publish(callSid, call, options.clock.now());
    });
    options.finalized.subscribe((callSid) => {
      this.#calls.delete(callSid);
      this.#unsettled.delete(callSid);
    });
  }

  /** A call of an earlier process continues. */
  resume(before: EarlierCall): void {
    this.#add(before.callSid, before);
  }

  /** Publishes the changes of each call that is due; to be called every 250 ms. */
  tick(atMs: number): void {
    const { isWatched } = this.#options.watchers;
    for (const [callSid, call] of this.#unsettled) {
      if (!isWatched && secondOf(call, atMs) === secondOf(call, call.lookedAtMs)) continue;
      this.#publish(callSid, call, atMs);
      if (call.transcript.isSettled(atMs)) this.#unsettled.delete(callSid);
    }
  }

  #add(callSid: string, before?: EarlierCall): void {
    const { calls } = this.#options;
    const transcript = new LiveTranscript((piece, atMs) => calls.heard(callSid, piece, atMs), before);
    const delayMs = ((this.#added % GROUPS) * UNWATCHED_LOOK_MS) / GROUPS;
    this.#added += 1;
    const call = { transcript, delayMs, lookedAtMs: -Infinity };
    this.#calls.set(callSid, call);
    this.#unsettled.set(callSid, call);
  }

  #publish(callSid: string, call: LiveCall, atMs: number): void {
    call.lookedAtMs = atMs;
    const changes = call.transcript.changes(atMs);
    if (changes.call || changes.turns.length > 0) this.#options.changes.publish(callSid, changes);
  }
}

function secondOf({ delayMs }: LiveCall, atMs: number): number {
  return Math.floor((atMs - delayMs) / UNWATCHED_LOOK_MS);
}
