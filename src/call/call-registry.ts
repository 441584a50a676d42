import type { AudioFormat } from '../audio/formats/formats.ts';
import type { CallEventLog, StreamEnd } from '../events/call-events.ts';
import type { CallHistory, CallIdentity } from './call-options.ts';
import type { CallRegistryOptions, FormatOutcome, LiveCall, RingResult } from './call-registry-options.ts';
import { startedCall } from './started-call.ts';
import { MAX_RINGING_CALLS, WAIT_MS } from './call-waits.ts';
import type { Call } from './call.ts';
import type { HeardPiece } from './playback/playback.ts';
import type { Line } from './ports.ts';
import { dueEnd, isEndedByUs, liveCall, callObjectOf, type RegistryEntry } from './registry-entry.ts';

/** All calls of this process, from ringing to the end. A failure in one call does not affect the others. */
export class CallRegistry<J extends CallEventLog> {
  readonly #options: CallRegistryOptions<J>;
  readonly #entries = new Map<string, RegistryEntry<J>>();
  #closing = false;

  constructor(options: CallRegistryOptions<J>) {
    this.#options = options;
  }

  get active(): number {
    return this.#entries.size;
  }

  /** The number of calls with an open stream. */
  get connected(): number {
    return [...this.#entries.values()].filter(({ state }) => state.kind === 'live').length;
  }

  list(): LiveCall[] {
    return [...this.#entries.values()].map(liveCall);
  }

  has(callSid: string): boolean {
    return this.#entries.has(callSid);
  }

  get(callSid: string): Call | undefined {
    const entry = this.#entries.get(callSid);
    return entry && callObjectOf(entry.state);
  }

  /** What was heard of a piece of a live call, in call time. */
  heard(callSid: string, piece: number, atMs: number): HeardPiece | undefined {
    return this.get(callSid)?.heard(piece, atMs);
  }

  /** A webhook announces a call. A repeated webhook is accepted while the call has no stream. */
  ring(identity: CallIdentity, atMs: number): RingResult {
    const entry = this.#entries.get(identity.callSid);
    if (
      entry?.state.kind === 'live' ||
      isEndedByUs(entry) ||
      this.#options.storage.isFinished(identity.callSid)
    )
      return 'over';
    if (entry) {
      entry.announced = true;
      this.#awaitStream(entry, (untilMs) => Math.max(untilMs, atMs + WAIT_MS.continuing));
      return 'accepted';
    }
    if (this.#closing) return 'closing';
    if (this.#full) return 'busy';
    this.#add({ identity, announced: true, startedAtMs: atMs, format: this.#options.defaultFormat });
    this.#dropOldestRinging();
    return 'accepted';
  }

  /** Twilio asks what to do after a stream; returns true if the call continues in a new one. */
  continues(callSid: string, atMs: number): boolean {
    const entry = this.#entries.get(callSid);
    if (!entry || isEndedByUs(entry)) return false;
    if (entry.state.kind === 'live') return entry.state.endsAtMs === undefined;
    this.#awaitStream(entry, () => atMs + WAIT_MS.continuing);
    return true;
  }

  /** An authenticated stream starts; returns undefined if the call has ended or no call is accepted now. */
  streamStarted(identity: CallIdentity, streamSid: string, line: Line, atMs: number): Call | undefined {
    if (this.#options.storage.isFinished(identity.callSid)) return undefined;
    const known = this.#entries.get(identity.callSid);
    if (isEndedByUs(known) || (known?.state.kind === 'live' && known.state.endsAtMs !== undefined))
      return undefined;
    if (!known && (this.#closing || this.#full)) return undefined;
    const entry =
      known ??
      this.#add({ identity, announced: false, startedAtMs: atMs, format: this.#options.defaultFormat });
    const { call, journal } = startedCall(entry, this.#options, atMs);
    entry.state = { kind: 'live', call, journal };
    try {
      call.streamStarted(streamSid, line, atMs);
    } catch (error) {
      this.#options.storage.failed(identity.callSid, error);
      this.#end(entry, 'internal error', atMs);
      return undefined;
    }
    return call;
  }

  /** A stream has ended. `line` identifies it: a replaced stream must not end its successor. */
  streamEnded(callSid: string, line: Line, reason: StreamEnd, atMs: number, lastSignMs = atMs): void {
    const entry = this.#entries.get(callSid);
    if (entry?.state.kind !== 'live' || entry.state.call.line !== line) return;
    const { call, journal, endsAtMs } = entry.state;
    call.streamEnded(reason, lastSignMs);
    const untilMs = atMs + (reason === 'stop' ? WAIT_MS.afterStop : WAIT_MS.afterBreak);
    entry.state = { kind: 'between-streams', call, journal, untilMs, silentSinceMs: lastSignMs };
    const over = endsAtMs !== undefined || call.endingByUs || (reason === 'stop' && !entry.announced);
    if (over) this.#end(entry, call.dialog.hangUpReason ?? reason, atMs);
  }

  /** Twilio reports the end of the call. */
  completed(callSid: string, atMs: number): void {
    const entry = this.#entries.get(callSid);
    if (!entry) return;
    const { state } = entry;
    if (state.kind === 'announced') this.#entries.delete(callSid);
    else if (state.kind === 'live') entry.state = { ...state, endsAtMs: atMs + WAIT_MS.afterCompleted };
    else this.#end(entry, callObjectOf(state)?.dialog.hangUpReason ?? 'completed', atMs);
  }

  setFormat(callSid: string, format: AudioFormat, atMs: number): FormatOutcome {
    const entry = this.#entries.get(callSid);
    if (!entry) return this.#options.storage.isFinished(callSid) ? 'finished' : 'no-such-call';
    if (!this.#options.environment.recorded) return 'recording-off';
    entry.format = format;
    if (entry.state.kind === 'recovered') entry.state.journal.append({ kind: 'format', atMs, format });
    else callObjectOf(entry.state)?.setFormat(format, atMs);
    return 'set';
  }

  /**
   * Adds a call of a crashed process: it waits for its caller, then it is finalised. False if this process already has a
   * journal of the call, which must not be replaced.
   */
  recover(identity: CallIdentity, journal: J, history: CallHistory, atMs: number): boolean {
    const known = this.#entries.get(identity.callSid);
    if (known && known.state.kind !== 'announced') return false;
    const { format, startedAtMs: startedAtMs } = history;
    const silentSinceMs = history.zeroAtMs + history.endMs;
    const entry = this.#add({ identity, announced: true, startedAtMs, format });
    entry.state = { kind: 'recovered', journal, history, untilMs: atMs + WAIT_MS.recovered, silentSinceMs };
    return true;
  }

  tick(atMs: number): void {
    for (const entry of [...this.#entries.values()]) {
      try {
        this.#tickOne(entry, atMs);
      } catch (error) {
        this.#options.storage.failed(entry.identity.callSid, error);
        this.#end(entry, 'internal error', atMs);
      }
    }
  }

  /** No new calls from now on; those in progress continue. */
  close(): void {
    this.#closing = true;
    for (const [callSid] of this.#ringing()) this.#entries.delete(callSid);
  }

  get closing(): boolean {
    return this.#closing;
  }

  /**
   * Another machine goes on with the call, which ends here without an end. The journal of a call that had a stream; `announced`: it had
   * none; undefined: there is no such call.
   */
  handOver(callSid: string, atMs: number): J | 'announced' | undefined {
    const entry = this.#entries.get(callSid);
    if (!entry) return undefined;
    this.#entries.delete(callSid);
    const { state } = entry;
    if (state.kind === 'announced') return 'announced';
    const call = callObjectOf(state);
    call?.giveUpTexts();
    if (call?.connected) call.streamEnded('moved', atMs);
    else state.journal.append({ kind: 'stream-end', atMs, reason: 'moved' });
    return state.journal;
  }

  /** Ends every call. */
  endAll(reason: string, atMs: number): void {
    for (const entry of [...this.#entries.values()]) this.#end(entry, reason, atMs);
  }

  #tickOne(entry: RegistryEntry<J>, atMs: number): void {
    callObjectOf(entry.state)?.tick(atMs);
    const { state } = entry;
    if (state.kind === 'announced') {
      if (atMs - entry.startedAtMs > WAIT_MS.ringing) this.#entries.delete(entry.identity.callSid);
      return;
    }
    const end = dueEnd(state, atMs);
    if (end) this.#end(entry, end.reason, end.atMs);
  }

  get #full(): boolean {
    return this.#options.maxCalls > 0 && this.#entries.size >= this.#options.maxCalls;
  }

  #add(entry: Pick<RegistryEntry<J>, 'identity' | 'startedAtMs' | 'announced' | 'format'>): RegistryEntry<J> {
    const added: RegistryEntry<J> = { ...entry, untranscribed: new Map(), state: { kind: 'announced' } };
    this.#entries.set(entry.identity.callSid, added);
    return added;
  }

  /** Sets until when a call without a stream waits for one. */
  #awaitStream(entry: RegistryEntry<J>, change: (untilMs: number) => number): void {
    const { state } = entry;
    if (state.kind === 'between-streams' || state.kind === 'recovered')
      entry.state = { ...state, untilMs: change(state.untilMs) };
  }

  #end(entry: RegistryEntry<J>, reason: string, atMs: number): void {
    const { identity, state, untranscribed } = entry;
    const { callSid } = identity;
    if (!this.#entries.delete(callSid) || state.kind === 'announced') return;
    const { journal } = state;
    const call = callObjectOf(state);
    try {
      if (call) call.ended(reason, atMs);
      else journal.append({ kind: 'end', atMs, reason });
    } catch (error) {
      this.#options.storage.failed(callSid, error);
      journal.append({ kind: 'end', atMs, reason: 'internal error' });
    }
    this.#options.storage.ended({ callSid, journal, call, untranscribed });
  }

  #dropOldestRinging(): void {
    const ringing = this.#ringing();
    if (ringing.length > MAX_RINGING_CALLS) this.#entries.delete(ringing[0]![0]);
  }

  /** Calls without a stream, the oldest first. */
  #ringing(): [string, RegistryEntry<J>][] {
    return [...this.#entries].filter(([, { state }]) => state.kind === 'announced');
  }
}
