import type { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import {
  type Scripted,
  type ScriptedPiece,
  ScriptedReplier,
  ScriptedTranscriber,
  ScriptedVoice,
  type VoiceScript,
} from '../doubles/scripted-services.ts';
import { type RehearsalParts, RehearsedCall } from './rehearsed-call.ts';

interface Script {
  readonly texts?: readonly (Scripted<string> | string)[];
  readonly replies?: readonly (readonly ScriptedPiece[] | string)[];
  readonly voice?: VoiceScript;
}

/** A call with an assistant that answers by script; texts and replies that are mere strings come after 200 ms. */
export function talk(
  script: Script,
  { clock = RehearsedCall.clock(), ...parts }: RehearsalParts & { readonly clock?: VirtualClock } = {},
) {
  const texts = (script.texts ?? []).map((one) =>
    typeof one === 'string' ? { afterMs: 200, give: one } : one,
  );
  const replies = (script.replies ?? []).map((one) =>
    typeof one === 'string' ? [{ afterMs: 200, give: one }] : one,
  );
  const transcriber = new ScriptedTranscriber(clock.sleep, texts);
  const replier = new ScriptedReplier(clock.sleep, replies);
  const voice = new ScriptedVoice(clock, script.voice ?? { firstMs: 200 });
  const call = new RehearsedCall(clock, { transcriber, replier, voice, ...parts });
  return { call, transcriber, replier, voice };
}

export const NEVER: Scripted<string> = { afterMs: 1e9, give: '' };
