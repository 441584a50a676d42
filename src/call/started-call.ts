import type { CallEventLog } from '../events/call-events.ts';
import type { CallRegistryOptions } from './call-registry-options.ts';
import { MAX_UNTRANSCRIBED_UTTERANCES } from './call-waits.ts';
import { Call } from './call.ts';
import type { RegistryEntry } from './registry-entry.ts';

/** The call of an entry whose stream starts, and its journal. Both are created with the first stream, the call also after a crash. */
export function startedCall<J extends CallEventLog>(
  { identity, format, untranscribed, state }: RegistryEntry<J>,
  { environment, sound, storage }: CallRegistryOptions<J>,
  atMs: number,
): { readonly call: Call; readonly journal: J } {
  if (state.kind === 'live' || state.kind === 'between-streams') return state;
  const recovered = state.kind === 'recovered' ? state : undefined;
  const history = recovered?.history;
  const journal = recovered?.journal ?? storage.openJournal(identity.callSid);
  const call = new Call({
    identity,
    environment,
    format,
    journal,
    startedAtMs: history ? history.zeroAtMs : atMs,
    history,
    listener: {
      audio: (...heard) => sound?.publish(identity.callSid, ...heard),
      untranscribed: (turn, utterance) => {
        if (!environment.recorded && untranscribed.size < MAX_UNTRANSCRIBED_UTTERANCES)
          untranscribed.set(turn, utterance);
      },
    },
  });
  return { call, journal };
}
