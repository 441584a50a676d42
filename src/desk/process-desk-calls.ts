import type { CallRegistry } from '../call/call-registry.ts';
import type { Call } from '../call/call.ts';
import type { Journal } from '../journal/journal.ts';
import type { DeskCalls, ListedCall } from './desk-ports.ts';

/** The calls of this process, as the desk sees them and acts on them. */
export function processDeskCalls(calls: CallRegistry<Journal>, now: () => number): DeskCalls {
  const withCall = (callSid: string, act: (call: Call) => boolean): Promise<boolean> => {
    const call = calls.get(callSid);
    return Promise.resolve(call !== undefined && act(call));
  };
  return {
    list: () => listed(calls),
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

function listed(calls: CallRegistry<Journal>): ListedCall[] {
  return calls.list().map(({ identity, state, startedAtMs, format }) => {
    const call = calls.get(identity.callSid);
    const shown = state === 'live' ? (call?.dialog.state ?? 'greeting') : state;
    return {
      ...identity,
      startedAt: new Date(startedAtMs).toISOString(),
      state: shown,
      format,
      assisted: call?.answerers.isAssisted ? (true as const) : undefined,
      partialText: call?.dialog.partialText,
      bell: state === 'live' && shown === 'ringing' ? (true as const) : undefined,
    };
  });
}
