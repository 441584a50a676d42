import { encodeMulaw } from '../../src/audio/mulaw.ts';
import { loadResampler, Resampler } from '../../src/audio/resampler.ts';
import type { Services } from '../../src/call/ports.ts';
import { tokensOf } from './chat-wire.ts';
import type { FakeOpenAiResponses } from './fake-openai-responses.ts';
import { SPEECH_RATE_HZ, spokenText } from './spoken-text.ts';

/** A tenth of a second of μ-law: how speech services hand out what they make. */
const CHUNK_BYTES = 800;

export interface ScenarioTiming {
  readonly transcriptionMs: number;
  readonly firstTokenMs: number;
  readonly betweenTokensMs: number;
  readonly speechFirstMs: number;
  readonly betweenChunksMs: number;
}

const USUAL_TIMING: ScenarioTiming = {
  transcriptionMs: 250,
  firstTokenMs: 300,
  betweenTokensMs: 15,
  speechFirstMs: 250,
  betweenChunksMs: 10,
};

/** The services of a scripted call without any network: answers from the script, after times that the clock keeps. */
export function scenarioServices(
  answers: FakeOpenAiResponses,
  sleep: (ms: number) => Promise<void>,
  options: { readonly timing?: Partial<ScenarioTiming>; readonly tonesOnly?: boolean } = {},
): Services {
  const timing = { ...USUAL_TIMING, ...options.timing };
  return {
    transcriber: {
      async transcribe({ wav }) {
        await sleep(timing.transcriptionMs);
        return answers.transcription(wav);
      },
    },
    replier: {
      async *reply(conversation) {
        await sleep(timing.firstTokenMs);
        for (const token of tokensOf(answers.reply(conversation.at(-1)?.text ?? ''))) {
          yield token;
          await sleep(timing.betweenTokensMs);
        }
      },
    },
    voice: {
      async *speak(text) {
        await sleep(timing.speechFirstMs);
        const mulaw = await telephoneSpeech(text, options.tonesOnly ?? false);
        for (let at = 0; at < mulaw.length; at += CHUNK_BYTES) {
          yield mulaw.subarray(at, at + CHUNK_BYTES);
          await sleep(timing.betweenChunksMs);
        }
      },
    },
    summarizer: {
      async summarize(lines) {
        await sleep(timing.firstTokenMs);
        return answers.summary(lines.join('\n'));
      },
    },
  };
}

async function telephoneSpeech(text: string, tonesOnly: boolean): Promise<Uint8Array> {
  await loadResampler();
  const resampler = new Resampler({ fromHz: SPEECH_RATE_HZ, toHz: 8_000 });
  const parts = [encodeMulaw(resampler.process(spokenText(text, tonesOnly))), encodeMulaw(resampler.flush())];
  resampler.close();
  return Buffer.concat(parts);
}
