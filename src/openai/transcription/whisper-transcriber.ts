import type OpenAI from 'openai';
import { toFile } from 'openai';
import type { Container } from '../../audio/container.ts';
import { TELEPHONE_HZ } from '../../audio/telephone.ts';
import { writeWav } from '../../audio/wav/wav.ts';
import type { DictationTranscriber, Utterance } from '../../call/ports.ts';
import type { ServiceSettings } from '../../settings/settings.ts';
import { LOADING_TIMEOUT_MS } from '../server/model-waker.ts';
import { responseText } from '../server/response-text.ts';
import type { ServerProfiles } from '../server/server-profiles.ts';
import { ServiceClient } from '../server/service-client.ts';
import { LIVE_TIMEOUTS, type ServiceTimeouts } from '../server/timeouts.ts';
import type { Timer } from '../server/timers.ts';
import { withoutHallucinations } from './hallucination-filter.ts';
import { measureSpeech, samplesOf } from './measure-speech.ts';
import { readTranscription } from './transcription-response.ts';
import { TranscriptionShape } from './transcription-shape.ts';

const DOING = 'transcribing';
/** Hours of speech. A longer response is cut off. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;
/** Half a second. */
const WAKE_SAMPLES = TELEPHONE_HZ / 2;

/** Transcribes utterances with the transcription endpoint that Whisper servers share. */
export class WhisperTranscriber implements DictationTranscriber {
  readonly #client: ServiceClient;
  readonly #model: string;
  readonly #language: string | undefined;

  constructor(options: {
    readonly transcription: ServiceSettings;
    /** BCP 47; the endpoint takes its first part (ISO 639-1). */
    readonly language: string;
    readonly timeouts?: ServiceTimeouts;
    readonly timer?: Timer;
    readonly profiles?: ServerProfiles | undefined;
  }) {
    const { transcription, language, timeouts = LIVE_TIMEOUTS, timer, profiles } = options;
    this.#model = transcription.model;
    this.#language = language.split('-')[0];
    const service = 'transcription';
    this.#client = new ServiceClient({ service, settings: transcription, timeouts, profiles, timer });
  }

  /** Sends no request for silence, and removes hallucinated text. Throws a `ServiceError`. */
  async transcribe({ wav }: Utterance, signal: AbortSignal): Promise<string> {
    const heard = measureSpeech(samplesOf(wav));
    if (heard.soundMs === 0) return '';
    return withoutHallucinations(await this.#ask(wav, 'wav', signal), heard);
  }

  /** Sends a browser's recording unchanged. Throws a `ServiceError`. */
  transcribeClip(clip: Uint8Array, container: Container, signal: AbortSignal): Promise<string> {
    return this.#ask(clip, container, signal);
  }

  /** Sends a moment of silence, so that the server loads its model. */
  wake(): void {
    const { waker, profile } = this.#client;
    const silence = writeWav(new Int16Array(WAKE_SAMPLES), TELEPHONE_HZ);
    const shape = new TranscriptionShape(profile, this.#language);
    waker.wake((signal) => this.#send(silence, 'wav', shape, { signal, timeout: LOADING_TIMEOUT_MS }));
  }

  #ask(sound: Uint8Array, container: Container, signal: AbortSignal): Promise<string> {
    const shape = new TranscriptionShape(this.#client.profile, this.#language);
    const request = { doing: DOING, signal, adapt: shape.adapt.bind(shape) };
    return this.#client.whole(request, async (ended) => {
      const send = () => this.#send(sound, container, shape, { signal: ended });
      const text = await this.#textOf(await this.#client.waker.timed(send));
      shape.accepted();
      return text;
    });
  }

  async #send(
    sound: Uint8Array,
    container: Container,
    shape: TranscriptionShape,
    options: { readonly signal: AbortSignal; readonly timeout?: number },
  ): Promise<Response> {
    // A buffer, since a streamed upload cannot be repeated; servers derive the format from the file name.
    const file = await toFile(sound, `utterance.${container}`, { type: `audio/${container}` });
    const body: OpenAI.Audio.TranscriptionCreateParams = { file, model: this.#model };
    if (shape.sends('response_format')) body.response_format = 'json';
    if (this.#language !== undefined && shape.sends('language')) body.language = this.#language;
    return this.#client.openai.audio.transcriptions.create(body, options).asResponse();
  }

  async #textOf(response: Response): Promise<string> {
    const contentType = response.headers.get('content-type') ?? '';
    const read = readTranscription(await responseText(response, MAX_RESPONSE_BYTES), contentType);
    if (read.kind === 'text' && !contentType.includes('json'))
      this.#client.profile.observe(`labels texts as ${contentType === '' ? 'nothing' : contentType}`);
    if (read.kind === 'text') return read.text;
    this.#client.profile.observe('reports errors inside successful responses');
    const { message = 'an error without a message', code } = read.error;
    throw this.#client.failure(DOING, message, { transient: true, code });
  }
}
