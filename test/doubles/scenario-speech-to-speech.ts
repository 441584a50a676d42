import { decodeMulaw, encodeMulaw } from '../../src/audio/mulaw.ts';
import { TELEPHONE_HZ } from '../../src/audio/telephone.ts';
import { writeWav } from '../../src/audio/wav/wav.ts';
import type { LineListener } from '../../src/call/line-listener.ts';
import type {
  ConversationEntry,
  SpeechStream,
  SpeechToSpeech,
  SpokenReplyPart,
} from '../../src/call/ports.ts';
import type { FakeOpenAiResponses } from './fake-openai-responses.ts';
import { SPEECH_RATE_HZ, spokenText } from './spoken-text.ts';

/** A tenth of a second of μ-law. */
const CHUNK_BYTES = 800;
const TEXT_MS = 250;
const FIRST_MS = 350;
/** Four times faster than real time. */
const BETWEEN_CHUNKS_MS = 25;

/** The audio of a text at the telephone's rate. */
export function spokenMulaw(text: string): Uint8Array {
  const pcm = spokenText(text);
  const step = SPEECH_RATE_HZ / TELEPHONE_HZ;
  return encodeMulaw(Int16Array.from({ length: Math.floor(pcm.length / step) }, (_, i) => pcm[i * step]!));
}

/** The text of an utterance, μ-law at 8,000 Hz. */
export function understood(answers: FakeOpenAiResponses, speech: Uint8Array): string {
  return answers.transcription(writeWav(decodeMulaw(speech), TELEPHONE_HZ));
}

/** A speech-to-speech model that answers from a script, after times that the clock keeps; it transcribes what it hears. */
export function scenarioSpeechToSpeech(
  answers: FakeOpenAiResponses,
  sleep: (ms: number) => Promise<void>,
  line?: LineListener,
): SpeechToSpeech {
  let heard = '';
  /** Whether nothing was replied to it. */
  let isNew = false;
  const speech: SpeechStream = {
    line,
    hear: () => undefined,
    paused: (mulaw) => {
      const text = understood(answers, mulaw);
      heard = text;
      isNew = true;
      return async () => {
        await sleep(TEXT_MS);
        return text;
      };
    },
    continued: () => undefined,
    finished: () => undefined,
    discard: () => undefined,
    end: () => undefined,
  };
  async function* reply(
    _request: number,
    entries: readonly ConversationEntry[],
  ): AsyncGenerator<SpokenReplyPart, void, undefined> {
    const isKeys = !isNew && entries.at(-1)?.text?.startsWith('[pressed') === true;
    const said = answers.reply(isKeys ? keysOf(entries) : heard);
    isNew = false;
    const mulaw = spokenMulaw(said);
    const words = said.match(/\S+\s*/gu) ?? [];
    await sleep(FIRST_MS);
    let sent = 0;
    for (let at = 0; at < mulaw.length; at += CHUNK_BYTES) {
      const until = Math.ceil((words.length * Math.min(mulaw.length, at + CHUNK_BYTES)) / mulaw.length);
      if (until > sent) yield { words: words.slice(sent, until).join('') };
      sent = until;
      yield mulaw.subarray(at, at + CHUNK_BYTES);
      await sleep(BETWEEN_CHUNKS_MS);
    }
  }
  return { open: () => ({ available: true, speech, reply }), check: () => Promise.resolve() };
}

/** The keys after the last words, as the chat model is shown them. */
function keysOf(entries: readonly ConversationEntry[]): string {
  const others = entries.findLastIndex(({ text }) => text?.startsWith('[pressed') !== true);
  return entries
    .slice(others + 1)
    .map(({ text }) => text)
    .join('\n');
}
