import type { AudioFormat } from '../audio/formats/formats.ts';
import type { CallEventLog } from '../events/call-events.ts';
import type { CallHistory, CallIdentity } from './call-options.ts';
import type { LiveCall } from './call-registry-options.ts';
import type { Call } from './call.ts';
import type { Utterance } from './ports.ts';

/** The state of a call. */
export type EntryState<J extends CallEventLog> =
  /** Ringing: no stream yet. */
  | { readonly kind: 'announced' }
  /** A stream is open. `endsAtMs`: Twilio reported the end of the call, and its last frames are awaited until then. */
  | { readonly kind: 'live'; readonly call: Call; readonly journal: J; readonly endsAtMs?: number }
  /** The last stream ended at `silentSinceMs`; a new one may come until `untilMs`. */
  | {
      readonly kind: 'between-streams';
      readonly call: Call;
      readonly journal: J;
      readonly untilMs: number;
      readonly silentSinceMs: number;
    }
  /** A call of a crashed process; its caller may return until `untilMs`. */
  | {
      readonly kind: 'recovered';
      readonly history: CallHistory;
      readonly journal: J;
      readonly untilMs: number;
      readonly silentSinceMs: number;
    };

/** A call of the registry. */
export interface RegistryEntry<J extends CallEventLog> {
  readonly identity: CallIdentity;
  /** When the call was announced, or its first stream started without an announcement. Recovered: when its first stream started. */
  readonly startedAtMs: number;
  readonly untranscribed: Map<number, Utterance>;
  /** True if a webhook announced the call; only then does Twilio report whether it continues or has ended. */
  announced: boolean;
  format: AudioFormat;
  state: EntryState<J>;
}

/** The `Call` of a live call or of one between two streams; undefined before the first stream in this process. */
export function callObjectOf<J extends CallEventLog>(state: EntryState<J>): Call | undefined {
  return state.kind === 'live' || state.kind === 'between-streams' ? state.call : undefined;
}

/** True if our side has ended the call or is about to. */
export function isEndedByUs<J extends CallEventLog>(entry: RegistryEntry<J> | undefined): boolean {
  return (entry && callObjectOf(entry.state)?.endingByUs) ?? false;
}

/** The call, as other parts see it. */
export function liveCall<J extends CallEventLog>(entry: RegistryEntry<J>): LiveCall {
  const { identity, startedAtMs, format, state } = entry;
  return {
    identity,
    state: state.kind === 'live' ? 'live' : state.kind === 'announced' ? 'ringing' : 'between',
    startedAtMs,
    format: callObjectOf(state)?.format ?? format,
  };
}

/** Why and when a call with a journal ends, if its wait is over at `atMs`. */
export function dueEnd<J extends CallEventLog>(
  state: Exclude<EntryState<J>, { kind: 'announced' }>,
  atMs: number,
): { readonly reason: string; readonly atMs: number } | undefined {
  switch (state.kind) {
    case 'live': {
      if (state.endsAtMs === undefined || (!state.call.endingByUs && atMs < state.endsAtMs)) return undefined;
      return { reason: state.call.dialog.hangUpReason ?? 'line lost', atMs };
    }
    case 'between-streams':
      if (!state.call.endingByUs && atMs < state.untilMs) return undefined;
      // The call ended when its line did, not when the wait for a new stream ended.
      return { reason: state.call.dialog.hangUpReason ?? 'line lost', atMs: state.silentSinceMs };
    case 'recovered':
      return atMs >= state.untilMs ? { reason: 'interrupted', atMs: state.silentSinceMs } : undefined;
  }
}
