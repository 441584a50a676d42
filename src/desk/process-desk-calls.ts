import type { CallIdentity } from '../call/call-options.ts';
import type { CallRegistry } from '../call/call-registry.ts';
import type { Call } from '../call/call.ts';
import type { Journal } from '../journal/journal.ts';
import type { DeskCalls, ListedCall } from './desk-ports.ts';

/** The calls of this process, as the desk sees them and acts on them. */
export function processDeskCalls(calls: CallRegistry<Journal>, now: () => number): DeskCalls {
  const all = new CallList(calls);
  const withCall = (callSid: string, act: (call: Call) => boolean): Promise<boolean> => {
    const call = calls.get(callSid);
    return Promise.resolve(call !== undefined && act(call));
  };
  return {
    list: () => all.list(),
    takeOver: (callSid) => withCall(callSid, (call) => call.takeOver(now())),
    handBack: (callSid) => withCall(callSid, (call) => call.answerers.handBack(now())),
    say: (callSid, mulaw) => calls.get(callSid)?.operatorAudio(mulaw, now()),
    guide: (callSid, text) => withCall(callSid, (call) => call.guide(text, now())),
    decline: (callSid) => withCall(callSid, (call) => call.answerers.stopRinging(now())),
    hangUp: (callSid) =>
      withCall(callSid, (call) => {
        call.endNow('the desk hung up', now());
        return true;
      }),
    setFormat: (callSid, format) => Promise.resolve(calls.setFormat(callSid, format, now())),
  };
}

/** Lists calls for the desk: the same object for a call until it changes. */
class CallList {
  readonly #calls: CallRegistry<Journal>;
  readonly #latest = new WeakMap<CallIdentity, ListedCall>();

  constructor(calls: CallRegistry<Journal>) {
    this.#calls = calls;
  }

  list(): ListedCall[] {
    return this.#calls.list().map((live) => {
      const { identity, format } = live;
      const call = this.#calls.get(identity.callSid);
      const state = live.state === 'live' ? (call?.dialog.state ?? 'greeting') : live.state;
      const assisted = call?.answerers.isAssisted ? (true as const) : undefined;
      const partialText = call?.dialog.partialText;
      const bell = live.state === 'live' && state === 'ringing' ? (true as const) : undefined;
      const before = this.#latest.get(identity);
      if (
        before?.state === state &&
        before.format === format &&
        before.assisted === assisted &&
        before.partialText === partialText &&
        before.bell === bell
      )
        return before;
      const startedAt = before?.startedAt ?? new Date(live.startedAtMs).toISOString();
      const listed = { ...identity, startedAt, state, format, assisted, partialText, bell };
      this.#latest.set(identity, listed);
      return listed;
    });
  }
}
