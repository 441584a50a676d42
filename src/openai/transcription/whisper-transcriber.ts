import type { Container } from '../../audio/container.ts';
import { TELEPHONE_HZ } from '../../audio/telephone.ts';
import { writeWav } from '../../audio/wav/wav.ts';
import type { DictationTranscriber, Utterance } from '../../call/ports.ts';
import type { HttpResponse } from '../../proxy/http-response.ts';
import type { ServiceSettings } from '../../settings/settings.ts';
import { multipartForm } from '../server/multipart-form.ts';
import { responseText } from '../server/response-text.ts';
import type { RequestEnvironment } from '../server/request-environment.ts';
import type { ServerProfiles } from '../server/server-profiles.ts';
import { ServiceClient, type ShapeRefusal } from '../server/service-client.ts';
import { LIVE_TIMEOUTS, type ServiceTimeouts } from '../server/timeouts.ts';
import { withoutHallucinations } from './hallucination-filter.ts';
import { measureSpeech, samplesOf } from './measure-speech.ts';
import { readTranscription } from './transcription-response.ts';
import { type TranscriptionField, TranscriptionShape } from './transcription-shape.ts';

const DOING = 'transcribing';
/** Hours of speech. A longer response is cut off. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;
/** Half a second. */
const WAKE_SAMPLES = TELEPHONE_HZ / 2;

export interface WhisperTranscriberOptions extends RequestEnvironment {
  readonly transcription: ServiceSettings;
  /** BCP 47; the endpoint takes its first part (ISO 639-1). */
  readonly language: string;
  readonly timeouts?: ServiceTimeouts | undefined;
  readonly profiles?: ServerProfiles | undefined;
}

/** Transcribes utterances with the transcription endpoint that Whisper servers share. */
export class WhisperTranscriber implements DictationTranscriber {
  readonly server: string;
  readonly #client: ServiceClient;
  readonly #model: string;
  readonly #language: string | undefined;
  readonly #shape: TranscriptionShape;

  constructor(options: WhisperTranscriberOptions) {
    const { transcription, language, timeouts = LIVE_TIMEOUTS, profiles, ...environment } = options;
    this.#model = transcription.model;
    this.#language = language.split('-')[0];
    const target = { service: 'transcription', settings: transcription } as const;
    this.#client = new ServiceClient({ ...target, timeouts, profiles, ...environment });
    this.server = this.#client.server;
    this.#shape = new TranscriptionShape(this.#client.profile, this.#language);
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
    const { waker } = this.#client;
    const silence = writeWav(new Int16Array(WAKE_SAMPLES), TELEPHONE_HZ);
    const { fields } = this.#shape;
    waker.wake(async (signal) =>
      responseText(await this.#send(silence, 'wav', fields, signal), MAX_RESPONSE_BYTES),
    );
  }

  #ask(sound: Uint8Array, container: Container, signal: AbortSignal): Promise<string> {
    let fields: TranscriptionField[] = [];
    const adapt = (refusal: ShapeRefusal) => this.#shape.adapt(refusal, fields);
    const failed = () => this.#shape.requestFailed();
    return this.#client.whole(
      { doing: DOING, signal, adapt, failed },
      (ended) => {
        ({ fields } = this.#shape);
        return this.#client.waker.timed(() => this.#send(sound, container, fields, ended));
      },
      async (response) => {
        const text = await this.#textOf(response);
        this.#shape.accepted();
        return text;
      },
    );
  }

  #send(
    sound: Uint8Array,
    container: Container,
    optional: readonly TranscriptionField[],
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    // Servers derive the format from the file name.
    const file = { name: `utterance.${container}`, type: `audio/${container}`, bytes: sound };
    const fields: Record<string, string> = { model: this.#model };
    if (optional.includes('response_format')) fields['response_format'] = 'json';
    if (this.#language !== undefined && optional.includes('language')) fields['language'] = this.#language;
    return this.#client.endpoint.postForm('/audio/transcriptions', multipartForm(file, fields), signal);
  }

  async #textOf(response: HttpResponse): Promise<string> {
    const contentType = response.headers.get('content-type') ?? '';
    const read = readTranscription(await responseText(response, MAX_RESPONSE_BYTES), contentType);
    if (read.kind === 'text' && !contentType.includes('json'))
      this.#client.profile.observe(
        contentType === '' ? 'sends texts without a content type' : `labels texts as ${contentType}`,
      );
    if (read.kind === 'text') return read.text;
    this.#client.profile.observe('reports errors inside successful responses');
    const { message = 'an error without a message', code } = read.error;
    throw this.#client.failure(DOING, message, { transient: true, code });
  }
}
