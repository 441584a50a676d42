import type { AudioFormat } from '../audio/formats/formats.ts';
import type { Journal, StreamEnd } from '../events/call-events.ts';
import type { CallHistory, CallIdentity, CallOptions } from './call-options.ts';
import type { CallSound, CallStore } from './call-store.ts';
import { Call } from './call.ts';
import type { HeardPiece } from './playback/playback.ts';
import type { Line, Utterance } from './ports.ts';

/** How long a call may ring before its stream comes: a token's lifetime and a little. */
const RINGING_MS = 65_000;
/** After a `stop` Twilio says within this time whether the call goes on. */
const AFTER_STOP_MS = 1_500;
/** A stream that broke may come back within this time. */
const AFTER_BREAK_MS = 6_000;
/** A call that was asked to go on has this long for its new stream. */
const CONTINUING_MS = 15_000;
/** Calls of a dead process wait this long for their callers. */
const TAKEN_UP_MS = 30_000;
/** Twilio said that the call is over; its last frames may still be under way. */
const AFTER_COMPLETED_MS = 2_000;
/** Webhooks that ring and never stream; the oldest is forgotten beyond this. */
const MOST_RINGING = 2_000;
/** Utterances held for calls whose sound is not kept. */
const LEFT_OVER_EACH = 8;

/** A call in progress, as the world outside sees it. */
export interface LiveCall {
  readonly identity: CallIdentity;
  readonly state: 'ringing' | 'live' | 'between';
  readonly startedAtMs: number;
  readonly format: AudioFormat;
}

export type RingResult = 'welcome' | 'busy' | 'closing' | 'over';
export type FormatOutcome = 'set' | 'no-such-call' | 'finished' | 'recording-off';

interface Entry<J extends Journal> {
  readonly identity: CallIdentity;
  readonly sinceMs: number;
  /** Whether Twilio's webhook announced it; only then can Twilio say that it goes on or is over. */
  announced: boolean;
  format: AudioFormat;
  call?: Call;
  journal?: J;
  history?: CallHistory;
  /** While no stream is there: until when one may come, and when the last one was over. */
  untilMs?: number;
  silentSinceMs?: number;
  completed?: boolean;
  readonly leftOver: Map<number, Utterance>;
}

export interface CallRegistryOptions<J extends Journal> {
  readonly call: Omit<
    CallOptions,
    'identity' | 'journal' | 'format' | 'startedAtMs' | 'history' | 'leftOver' | 'listen'
  >;
  /** Gets all audio of all calls, as it arrives and is sent. */
  readonly sound?: CallSound | undefined;
  readonly defaultFormat: AudioFormat;
  /** 0: no limit. */
  readonly maxCalls: number;
  readonly storage: CallStore<J>;
}

/** All calls of this process, from ringing to the end. One call's trouble never reaches another. */
export class CallRegistry<J extends Journal> {
  readonly #parts: CallRegistryOptions<J>;
  readonly #entries = new Map<string, Entry<J>>();
  #closing = false;

  constructor(parts: CallRegistryOptions<J>) {
    this.#parts = parts;
  }

  get active(): number {
    return this.#entries.size;
  }

  get connected(): number {
    let count = 0;
    for (const entry of this.#entries.values()) if (entry.call?.connected) count += 1;
    return count;
  }

  list(): LiveCall[] {
    return [...this.#entries.values()].map((entry) => ({
      identity: entry.identity,
      state: entry.call?.connected ? 'live' : entry.journal ? 'between' : 'ringing',
      startedAtMs: entry.history?.rangAtMs ?? entry.sinceMs,
      format: entry.call?.format ?? entry.format,
    }));
  }

  get(callSid: string): Call | undefined {
    return this.#entries.get(callSid)?.call;
  }

  /** What was heard of a piece of a live call, in call time. */
  heard(callSid: string, piece: number, atMs: number): HeardPiece | undefined {
    return this.get(callSid)?.heard(piece, atMs);
  }

  /** A webhook announces a call. A repeated one is welcome as long as the call has no stream. */
  ring(identity: CallIdentity, atMs: number): RingResult {
    const entry = this.#entries.get(identity.callSid);
    if (entry?.call?.connected || entry?.call?.endingByUs || this.#parts.storage.isFinished(identity.callSid))
      return 'over';
    if (entry) {
      entry.announced = true;
      if (entry.journal) entry.untilMs = Math.max(entry.untilMs ?? 0, atMs + CONTINUING_MS);
      return 'welcome';
    }
    if (this.#closing) return 'closing';
    if (this.#full()) return 'busy';
    this.#enter(identity, true, atMs);
    this.#forgetOldestRinging();
    return 'welcome';
  }

  /** Twilio asks what to do after a stream: true where the call goes on in a new one. */
  goesOn(callSid: string, atMs: number): boolean {
    const entry = this.#entries.get(callSid);
    if (!entry || entry.completed || entry.call?.endingByUs) return false;
    if (!entry.call?.connected) entry.untilMs = atMs + CONTINUING_MS;
    return true;
  }

  /** A proved stream begins; undefined where the call is over or none is taken now. */
  streamStarted(identity: CallIdentity, streamSid: string, line: Line, atMs: number): Call | undefined {
    if (this.#parts.storage.isFinished(identity.callSid)) return undefined;
    const known = this.#entries.get(identity.callSid);
    if (known?.completed || known?.call?.endingByUs) return undefined;
    if (!known && (this.#closing || this.#full())) return undefined;
    const entry = known ?? this.#enter(identity, false, atMs);
    entry.call ??= this.#makeCall(entry, atMs);
    delete entry.untilMs;
    delete entry.silentSinceMs;
    entry.call.streamStarted(streamSid, line, atMs);
    return entry.call;
  }

  /** A stream is over. `line` keeps a stream that was replaced from ending its successor. */
  streamEnded(callSid: string, line: Line, reason: StreamEnd, atMs: number, lastSignMs = atMs): void {
    const entry = this.#entries.get(callSid);
    if (!entry?.call || entry.call.line !== line) return;
    entry.call.streamEnded(reason, lastSignMs);
    entry.silentSinceMs = lastSignMs;
    const over = entry.completed || entry.call.endingByUs || (reason === 'stop' && !entry.announced);
    if (over) this.#end(entry, entry.call.hangUpReason ?? reason, atMs);
    else entry.untilMs = atMs + (reason === 'stop' ? AFTER_STOP_MS : AFTER_BREAK_MS);
  }

  /** Twilio says that the call is over. */
  completed(callSid: string, atMs: number): void {
    const entry = this.#entries.get(callSid);
    if (!entry) return;
    entry.completed = true;
    if (!entry.journal) this.#entries.delete(callSid);
    else if (entry.call?.connected) entry.untilMs = atMs + AFTER_COMPLETED_MS;
    else this.#end(entry, entry.call?.hangUpReason ?? 'completed', atMs);
  }

  setFormat(callSid: string, format: AudioFormat, atMs: number): FormatOutcome {
    const entry = this.#entries.get(callSid);
    if (!entry) return this.#parts.storage.isFinished(callSid) ? 'finished' : 'no-such-call';
    if (!this.#parts.call.recorded) return 'recording-off';
    entry.format = format;
    if (entry.call) entry.call.setFormat(format, atMs);
    else entry.journal?.append({ kind: 'format', atMs, format });
    return 'set';
  }

  /**
   * A dead process's call: it waits for its caller, then it is finished. False where a call of that name already goes on
   * here, which must not be replaced.
   */
  takeUp(identity: CallIdentity, journal: J, history: CallHistory, atMs: number): boolean {
    if (this.#entries.get(identity.callSid)?.journal) return false;
    const entry = this.#enter(identity, true, atMs, history.format);
    entry.journal = journal;
    entry.history = history;
    entry.untilMs = atMs + TAKEN_UP_MS;
    entry.silentSinceMs = history.zeroAtMs + history.endMs;
    return true;
  }

  tick(atMs: number): void {
    for (const entry of [...this.#entries.values()]) {
      try {
        this.#tickOne(entry, atMs);
      } catch (error) {
        this.#parts.storage.failed(entry.identity.callSid, error);
        this.#end(entry, 'internal error', atMs);
      }
    }
  }

  #tickOne(entry: Entry<J>, atMs: number): void {
    entry.call?.tick(atMs);
    if (entry.call?.connected && !entry.completed) return;
    if (!entry.journal) {
      if (atMs - entry.sinceMs > RINGING_MS) this.#entries.delete(entry.identity.callSid);
    } else if (entry.call?.endingByUs || atMs >= (entry.untilMs ?? Infinity)) {
      // The call was over when its line was, not when we gave up waiting for it.
      const reason = entry.call?.hangUpReason ?? (entry.call ? 'line lost' : 'interrupted');
      this.#end(entry, reason, entry.silentSinceMs ?? atMs);
    }
  }

  /** No new calls from now on; those in progress go on. */
  close(): void {
    this.#closing = true;
    for (const [callSid, entry] of this.#entries) if (!entry.journal) this.#entries.delete(callSid);
  }

  get closing(): boolean {
    return this.#closing;
  }

  /** Ends every call that is still there, files and all. */
  endAll(reason: string, atMs: number): void {
    for (const entry of [...this.#entries.values()]) this.#end(entry, reason, atMs);
  }

  #full(): boolean {
    return this.#parts.maxCalls > 0 && this.#entries.size >= this.#parts.maxCalls;
  }

  #enter(
    identity: CallIdentity,
    announced: boolean,
    atMs: number,
    format = this.#parts.defaultFormat,
  ): Entry<J> {
    const entry: Entry<J> = { identity, sinceMs: atMs, announced, format, leftOver: new Map() };
    this.#entries.set(identity.callSid, entry);
    return entry;
  }

  #makeCall(entry: Entry<J>, atMs: number): Call {
    const { identity, format, history, leftOver } = entry;
    entry.journal ??= this.#parts.storage.openJournal(identity.callSid);
    const { recorded } = this.#parts.call;
    const { sound } = this.#parts;
    return new Call({
      ...this.#parts.call,
      identity,
      format,
      journal: entry.journal,
      startedAtMs: history ? history.zeroAtMs : atMs,
      ...(history && { history }),
      ...(sound && { listen: (...heard) => sound.publish(identity.callSid, ...heard) }),
      leftOver: (turn, utterance) => {
        if (!recorded && leftOver.size < LEFT_OVER_EACH) leftOver.set(turn, utterance);
      },
    });
  }

  #end(entry: Entry<J>, reason: string, atMs: number): void {
    const { callSid } = entry.identity;
    if (!this.#entries.delete(callSid) || !entry.journal) return;
    try {
      if (entry.call) entry.call.ended(reason, atMs);
      else entry.journal.append({ kind: 'end', atMs, reason });
    } catch (error) {
      this.#parts.storage.failed(callSid, error);
      entry.journal.append({ kind: 'end', atMs, reason: 'internal error' });
    }
    this.#parts.storage.ended({
      callSid,
      journal: entry.journal,
      call: entry.call,
      leftOver: entry.leftOver,
    });
  }

  #forgetOldestRinging(): void {
    let ringing = 0;
    for (const entry of this.#entries.values()) if (!entry.journal) ringing += 1;
    if (ringing <= MOST_RINGING) return;
    for (const [callSid, entry] of this.#entries) {
      if (entry.journal) continue;
      this.#entries.delete(callSid);
      return;
    }
  }
}
