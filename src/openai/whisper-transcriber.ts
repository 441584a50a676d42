import type OpenAI from 'openai';
import { APIError, toFile } from 'openai';
import type { Container } from '../audio/container.ts';
import { loudnessDbfs } from '../audio/loudness.ts';
import { readWavHeader } from '../audio/wav/wav-header.ts';
import type { ClipTranscriber, Transcriber, Utterance } from '../call/ports.ts';
import type { ServiceSettings } from '../settings/settings.ts';
import { type Heard, HISS_DBFS, withoutHallucinations } from './hallucination-filter.ts';
import { openAiClient } from './openai-client.ts';
import { withDeadlines } from './request-deadlines.ts';
import { LIVE_TIMEOUTS, type ServiceTimeouts } from './timeouts.ts';
import { realTimer, type Timer } from './timers.ts';

/** 20 ms at 8,000 Hz. */
const WINDOW_SAMPLES = 160;
const WINDOW_MS = 20;

/** Transcribes utterances with the transcription endpoint that Whisper servers share. */
export class WhisperTranscriber implements Transcriber, ClipTranscriber {
  readonly #client: OpenAI;
  readonly #model: string;
  readonly #timeouts: ServiceTimeouts;
  readonly #timer: Timer;
  /** Language hint. Some models reject it, among them OpenAI's newest; then it is not sent again. */
  #language: string | undefined;

  constructor(options: {
    readonly transcription: ServiceSettings;
    /** BCP 47; the endpoint takes its first part (ISO 639-1). */
    readonly language: string;
    readonly timeouts?: ServiceTimeouts;
    readonly timer?: Timer;
  }) {
    this.#model = options.transcription.model;
    this.#language = options.language.split('-')[0];
    this.#timeouts = options.timeouts ?? LIVE_TIMEOUTS;
    this.#timer = options.timer ?? realTimer;
    this.#client = openAiClient(options.transcription, this.#timeouts);
  }

  /** Sends no request for silence, and removes hallucinated text. Throws a `ServiceError`. */
  async transcribe({ wav }: Utterance, signal: AbortSignal): Promise<string> {
    const heard = measureSpeech(wav);
    if (heard.soundMs === 0) return '';
    return withoutHallucinations(await this.#askInTime(wav, 'wav', signal), heard);
  }

  /** Sends a browser's recording unchanged. Throws a `ServiceError`. */
  transcribeClip(clip: Uint8Array, container: Container, signal: AbortSignal): Promise<string> {
    return this.#askInTime(clip, container, signal);
  }

  #askInTime(sound: Uint8Array, container: Container, signal: AbortSignal): Promise<string> {
    const { answerMs, idleMs, retries } = this.#timeouts;
    const asking = { service: 'transcription', doing: 'transcribing', signal, timer: this.#timer } as const;
    return withDeadlines((retries + 1) * answerMs + idleMs, asking, (ended) =>
      this.#ask(sound, container, ended),
    );
  }

  async #ask(sound: Uint8Array, container: Container, signal: AbortSignal): Promise<string> {
    const language = this.#language;
    const hint = language === undefined ? {} : { language };
    try {
      const { text } = await this.#client.audio.transcriptions.create(
        {
          // A buffer, since a streamed upload cannot be retried; servers derive the format from the file name.
          file: await toFile(sound, `utterance.${container}`, { type: `audio/${container}` }),
          model: this.#model,
          response_format: 'json',
          ...hint,
        },
        { signal },
      );
      return typeof text === 'string' ? text : '';
    } catch (error) {
      if (language === undefined || !refusesLanguage(error)) throw error;
      this.#language = undefined;
      return this.#ask(sound, container, signal);
    }
  }
}

function refusesLanguage(error: unknown): boolean {
  return error instanceof APIError && error.status === 400 && /\blanguage\b/.test(error.message);
}

function measureSpeech(wav: Uint8Array): Heard {
  const bytes = wav.subarray(readWavHeader(wav)?.dataAt ?? 0);
  const pcm = new Int16Array(bytes.length >> 1);
  new Uint8Array(pcm.buffer).set(bytes.subarray(0, pcm.byteLength));
  let soundMs = 0;
  let peakDbfs = -Infinity;
  for (let at = 0; at < pcm.length; at += WINDOW_SAMPLES) {
    const dbfs = loudnessDbfs(pcm.subarray(at, at + WINDOW_SAMPLES));
    peakDbfs = Math.max(peakDbfs, dbfs);
    if (dbfs > HISS_DBFS) soundMs += WINDOW_MS;
  }
  return { soundMs, peakDbfs };
}
