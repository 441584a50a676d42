import { loadPrompts } from '../load-prompts.ts';
import { createEndOfTurnModel } from './create-services.ts';
import { decodeMulaw } from '../../audio/mulaw.ts';
import { SAMPLES_PER_MS, TELEPHONE_HZ } from '../../audio/telephone.ts';
import { writeWav } from '../../audio/wav/wav.ts';
import { type EndOfTurnModel, RETRACT, ServiceError, type Voice } from '../../call/ports.ts';
import { ChatReplier } from '../../openai/chat/chat-replier.ts';
import { RealtimeAssistant } from '../../openai/realtime/conversation/realtime-assistant.ts';
import { RealtimeTranscriber } from '../../openai/realtime/transcription/realtime-transcriber.ts';
import { RealtimeVoice } from '../../openai/realtime/voice/realtime-voice.ts';
import { describeProfile } from '../../openai/server/describe-profile.ts';
import { type ProfiledService, ServerProfiles } from '../../openai/server/server-profiles.ts';
import type { ServiceTimeouts } from '../../openai/server/timeouts.ts';
import { SpeechVoice } from '../../openai/speech/speech-voice.ts';
import { WhisperTranscriber } from '../../openai/transcription/whisper-transcriber.ts';
import type { ServiceSettings, Settings, SpeechSettings } from '../../settings/settings.ts';
import { conversationSettings } from './create-services.ts';
import { DataDirectory } from '../../storage/data-directory.ts';
import { shippedPrompts } from '../../storage/package-files.ts';

/** A model may have to be loaded first. */
const TIMEOUTS: ServiceTimeouts = { answerMs: 60_000, idleMs: 30_000, retries: 0, maxPauseMs: 0 };
const SENTENCE = 'This sentence tests the voice of the telephone assistant.';
/** People speak 8 to 25 characters a second; a voice at a wrong sample rate is outside of that. */
const MIN_MS_PER_CHARACTER = 30;
const MAX_MS_PER_CHARACTER = 160;
/** A recogniser that finds fewer of the recorded words is of no use in calls. */
const MIN_UNDERSTOOD = 0.5;

export type TriedService = ProfiledService | 'streaming-transcription' | 'end-of-turn' | 'speech-to-speech';

/** The result of one request of each service, as a call sends it. */
export interface Trial {
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly found: string;
  readonly todo?: string | undefined;
}

interface Result {
  readonly found: string;
  /** Further facts, which need no time. */
  readonly also?: readonly string[];
  readonly todo?: string;
}

/** Sends one real request to each service. What is learned of the servers is kept, if this installation exists. */
export class ServiceTrials {
  readonly #settings: Settings;
  readonly #profiles: ServerProfiles;

  constructor(settings: Settings) {
    const { directory } = settings.recording;
    const file = DataDirectory.exists(directory) ? DataDirectory.serverProfiles(directory) : undefined;
    this.#settings = settings;
    this.#profiles = new ServerProfiles({ file });
  }

  /** Never throws. The service must be configured. */
  async run(service: TriedService): Promise<Trial> {
    const startedAtMs = performance.now();
    try {
      const { found, also, todo } = await this.#request(service);
      const tookMs = Math.round(performance.now() - startedAtMs);
      const learned = this.#learned(service);
      await this.#profiles.saved();
      return {
        verdict: todo === undefined ? 'ok' : 'warn',
        found: [`${found} in ${tookMs} ms`, ...(also ?? []), ...learned].join('; '),
        todo,
      };
    } catch (error) {
      await this.#profiles.saved();
      return {
        verdict: 'fail',
        found: [sentence(error), ...this.#learned(service)].join('; '),
        todo:
          service === 'speech' && this.#settings.speech?.engine === 'realtime'
            ? REALTIME_TODO
            : TODO[service],
      };
    }
  }

  #request(service: TriedService): Promise<Result> {
    const { transcription, streamingTranscription, endOfTurn } = this.#settings;
    if (service === 'end-of-turn') return judged(createEndOfTurnModel(endOfTurn!));
    if (service === 'chat') return this.#chat();
    if (service === 'speech-to-speech') return this.#speechToSpeech();
    if (service === 'speech') return this.#speech();
    return service === 'transcription'
      ? this.#understood('TRANSCRIPTION_MODEL', (mulaw, signal) =>
          this.#transcribe(transcription!, mulaw, signal),
        )
      : this.#understood('REALTIME_TRANSCRIPTION_MODEL', (mulaw, signal) =>
          stream(streamingTranscription!, mulaw, signal),
        );
  }

  async #chat(): Promise<{ readonly found: string }> {
    const { chat, instructions, greeting } = this.#settings;
    const options = { chat: chat!, instructions, timeouts: TIMEOUTS, profiles: this.#profiles };
    const conversation = [
      { speaker: 'assistant', text: greeting },
      { speaker: 'caller', text: 'Hello, can you hear me?' },
    ] as const;
    let words = '';
    for await (const part of new ChatReplier(options).reply(conversation, new AbortController().signal))
      words = part === RETRACT ? '' : words + part;
    return { found: `replies with ${words.trim().split(/\s+/u).length} words` };
  }

  /** Asks the model as a call does, with a text in the place of the caller's voice. */
  async #speechToSpeech(): Promise<Result> {
    const settings = conversationSettings(this.#settings.speechToSpeech!, this.#settings);
    const assistant = new RealtimeAssistant({ settings, timing: { dueMs: TIMEOUTS.answerMs } });
    let samples = 0;
    let words = '';
    try {
      const entry = { id: 'note 1', speaker: 'caller', text: 'Hello, can you hear me?' } as const;
      for await (const part of assistant.open().reply(1, [entry], new AbortController().signal)) {
        if (part instanceof Uint8Array) samples += part.length;
        else words += part.words;
      }
    } finally {
      assistant.close();
    }
    const seconds = (samples / TELEPHONE_HZ).toFixed(1);
    const found = `replies with ${wordsOf(words).length} words, spoken for ${seconds} s`;
    const also = [`${assistant.turns === 'server' ? 'the server' : 'offhook'} decides where turns end`];
    if (settings.turns !== 'server' || assistant.turns === 'server') return { found, also };
    return { found, also, todo: 'set REALTIME_TURNS=own, since this server does not decide where turns end' };
  }

  async #speech(): Promise<{ readonly found: string; readonly todo?: string }> {
    const { soundMs, spoken } = await this.#spoken(this.#settings.speech!);
    const words = spoken === undefined ? '' : `, in other words: “${spoken}”`;
    const found = `speaks ${SENTENCE.length} characters for ${(soundMs / 1_000).toFixed(1)} s${words}`;
    const perCharacter = soundMs / SENTENCE.length;
    if (perCharacter >= MIN_MS_PER_CHARACTER && perCharacter <= MAX_MS_PER_CHARACTER) return { found };
    return {
      found,
      todo: 'listen to a call: that length is impossible; if the server sends raw samples, set SPEECH_SAMPLE_RATE',
    };
  }

  /** `spoken`: the words, if they are not those of the sentence. */
  async #spoken(speech: SpeechSettings): Promise<{ soundMs: number; spoken: string | undefined }> {
    const timing = { dueMs: TIMEOUTS.answerMs };
    const realtime = speech.engine === 'realtime' ? new RealtimeVoice({ speech, timing }) : undefined;
    const voice: Voice =
      realtime ?? new SpeechVoice({ speech, timeouts: TIMEOUTS, profiles: this.#profiles });
    let samples = 0;
    let spoken: string | undefined;
    try {
      for await (const part of voice.speak(SENTENCE, new AbortController().signal)) {
        if (part instanceof Uint8Array) samples += part.length;
        else ({ spoken } = part);
      }
    } finally {
      realtime?.close();
    }
    return { soundMs: samples / SAMPLES_PER_MS, spoken };
  }

  async #understood(
    setting: string,
    transcribe: (mulaw: Uint8Array, signal: AbortSignal) => Promise<string>,
  ): Promise<{ readonly found: string; readonly todo?: string }> {
    const shipped = shippedPrompts();
    const { text, mulaw } = (await loadPrompts(shipped, shipped, 'en')).book.get('greeting');
    const heard = await transcribe(mulaw, new AbortController().signal);
    const spoken = wordsOf(text);
    const understood = spoken.filter((word) => wordsOf(heard).includes(word)).length;
    const found = `understands ${understood} of ${spoken.length} recorded words`;
    if (understood >= spoken.length * MIN_UNDERSTOOD) return { found };
    return { found, todo: `set ${setting} to one that understands English telephone speech` };
  }

  #transcribe(transcription: ServiceSettings, mulaw: Uint8Array, signal: AbortSignal): Promise<string> {
    const options = { transcription, language: 'en', timeouts: TIMEOUTS, profiles: this.#profiles };
    const wav = writeWav(decodeMulaw(mulaw), TELEPHONE_HZ);
    return new WhisperTranscriber(options).transcribeClip(wav, 'wav', signal);
  }

  #learned(service: TriedService): string[] {
    if (service === 'streaming-transcription' || service === 'speech-to-speech' || service === 'end-of-turn')
      return [];
    const settings = this.#settings[service];
    return settings ? describeProfile(this.#profiles.of(service, settings).value) : [];
  }
}

async function stream(settings: ServiceSettings, mulaw: Uint8Array, signal: AbortSignal): Promise<string> {
  const timing = { dueMs: TIMEOUTS.answerMs, answerMs: TIMEOUTS.answerMs };
  const transcriber = new RealtimeTranscriber({ settings, language: 'en', timing });
  try {
    return await transcriber.transcribe(mulaw, signal);
  } finally {
    transcriber.close();
  }
}

async function judged(model: EndOfTurnModel): Promise<{ readonly found: string }> {
  const { mulaw } = (await loadPrompts(shippedPrompts(), shippedPrompts(), 'en')).book.get('greeting');
  const probability = await model.probability(mulaw, new AbortController().signal);
  return { found: `takes a recorded sentence for finished with ${Math.round(probability * 100)} %` };
}

const TODO: Readonly<Record<TriedService, string>> = {
  'end-of-turn':
    'check END_OF_TURN_URL, and that the server answers within 300 ms; until then, the words alone decide',
  chat: 'check CHAT_MODEL and CHAT_BASE_URL',
  speech: 'check SPEECH_MODEL, SPEECH_VOICE and SPEECH_BASE_URL',
  transcription: 'check TRANSCRIPTION_MODEL and TRANSCRIPTION_BASE_URL',
  'speech-to-speech':
    'check REALTIME_MODEL, REALTIME_VOICE and REALTIME_BASE_URL; until then, the pipeline replies, or the answering machine',
  'streaming-transcription':
    'check REALTIME_TRANSCRIPTION_MODEL and REALTIME_BASE_URL; until then, callers are transcribed over HTTP',
};

const REALTIME_TODO = 'check REALTIME_MODEL, REALTIME_VOICE and REALTIME_BASE_URL';

function sentence(error: unknown): string {
  if (!(error instanceof ServiceError)) return String(error);
  const { status, said } = error.details;
  const reason = said ?? error.refusal ?? error.message;
  return status === undefined ? reason : `answers ${status}: ${reason}`;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{L}+/gu) ?? [];
}
