import type { Scenario } from '../../../src/simulator/fixtures/scenario.ts';
import { FakeOpenAiResponses } from '../fake-openai-responses.ts';
import { spokenMulaw, understood } from '../scenario-speech-to-speech.ts';
import { RealtimeServer } from './realtime-server.ts';
import type { SpokenResponse } from './spoken-response.ts';

/** Where a reply stalls: within the sentence that has this part, for so long. */
export interface Stall {
  readonly part: string;
  readonly ms: number;
}

export interface ScenarioRealtimeOptions {
  readonly stall?: Stall;
  /** From the request of a reply to its first audio. */
  readonly firstAudioMs?: number;
}

/** A Realtime server that hears the callers of scripted calls and replies from their scripts, with recorded speech. */
export async function startScenarioRealtime(
  scenarios: readonly Scenario[],
  { stall, firstAudioMs = 0 }: ScenarioRealtimeOptions = {},
): Promise<RealtimeServer> {
  const answers = new FakeOpenAiResponses({ scenarios });
  return RealtimeServer.start({
    transcribe: (item) => item.transcribe(understood(answers, item.audio)),
    respond: (response) => response.speak(spokenMulaw(response.text)),
    reply: (response, items) => {
      const said = items.all.findLast(({ role }) => role === 'user');
      const text = said?.audio === undefined ? (said?.text ?? '') : understood(answers, said.audio);
      setTimeout(() => speak(response, answers.reply(text), stall), firstAudioMs);
    },
  });
}

/** The sentence that stalls has 1.4 s of audio before. */
const BEFORE_STALL_BYTES = 11_200;

function speak(response: SpokenResponse, text: string, stall: Stall | undefined): void {
  // It was cancelled meanwhile.
  if (response.ended) return undefined;
  const mulaw = spokenMulaw(text);
  if (!stall || !text.includes(stall.part)) return response.converse(mulaw, text);
  const sentence = text.indexOf(stall.part);
  const at = spokenMulaw(text.slice(0, text.lastIndexOf('.', sentence) + 1)).length + BEFORE_STALL_BYTES;
  response.created();
  response.moreWords(text);
  response.audio(mulaw.subarray(0, at));
  setTimeout(() => {
    response.audio(mulaw.subarray(at));
    response.end(text);
    response.done('completed', text);
  }, stall.ms);
  return undefined;
}
