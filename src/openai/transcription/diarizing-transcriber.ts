import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  ServiceError,
  type SpeakerTranscriber,
  type SpokenSegment,
  type Utterance,
} from '../../call/ports.ts';
import type { HttpResponse } from '../../proxy/http-response.ts';
import type { ServiceSettings } from '../../settings/settings.ts';
import { multipartForm } from '../server/multipart-form.ts';
import { responseText } from '../server/response-text.ts';
import { SPEAKER_FORMATS, type SpeakerFormat, type ServerProfiles } from '../server/server-profiles.ts';
import { ServiceClient, type ShapeRefusal } from '../server/service-client.ts';
import { TIMEOUT_CODE } from '../server/service-failure.ts';
import { RECORDING_TIMEOUTS } from '../server/timeouts.ts';
import type { Timer } from '../server/timers.ts';
import { SupposedProfile } from '../server/supposed-profile.ts';
import { withoutHallucinations } from './hallucination-filter.ts';
import { measureSpeech, samplesBetween, samplesOf } from './measure-speech.ts';
import { readSpeakerSegments } from './speaker-segments.ts';
import { readTranscription } from './transcription-response.ts';
import { refusesLanguage, refusesSpeakers } from './transcription-shape.ts';

const DOING = 'transcribing with speakers';
/** Each word with its times, for minutes of speech. A longer response is cut off. */
const MAX_RESPONSE_BYTES = 8 * 1024 * 1024;
/** Times of segments are exact to about this. */
const TIME_TOLERANCE_MS = 500;

/**
 * Fields that ask for speakers. `chunking_strategy` is required for more than 30 s
 * (https://developers.openai.com/api/docs/guides/speech-to-text). `diarize` is how servers around WhisperX are asked
 * (https://github.com/macnow/whisperx-api, https://github.com/bowtiedbluefin/morpheus-STT).
 */
const FORMAT_FIELDS: Readonly<Record<SpeakerFormat, Readonly<Record<string, string>>>> = {
  diarized_json: { response_format: 'diarized_json', chunking_strategy: 'auto' },
  verbose_json: { response_format: 'verbose_json', diarize: 'true' },
};

/**
 * Transcribes recordings with the formats that label speakers. What a server does not accept, or answers without labels, is
 * remembered for its model.
 */
export class DiarizingTranscriber implements SpeakerTranscriber {
  readonly #client: ServiceClient;
  readonly #model: string;
  readonly #language: string | undefined;

  constructor(options: {
    readonly transcription: ServiceSettings;
    /** BCP 47; the endpoint takes its first part (ISO 639-1). */
    readonly language: string;
    readonly timer?: Timer;
    readonly profiles?: ServerProfiles | undefined;
  }) {
    const { transcription: settings, language, timer, profiles } = options;
    this.#model = settings.model;
    this.#language = language.split('-')[0];
    const service = 'transcription';
    this.#client = new ServiceClient({ service, settings, timeouts: RECORDING_TIMEOUTS, profiles, timer });
  }

  get mayTellSpeakers(): boolean {
    return this.#client.profile.value.speakers !== 'none';
  }

  /**
   * Removes hallucinated text. Throws a `ServiceError` if the server is unreachable or busy; if it fails otherwise, the result is
   * undefined, because it may still transcribe single utterances.
   */
  async transcribeSpeakers(
    { wav }: Utterance,
    signal: AbortSignal,
  ): Promise<readonly SpokenSegment[] | undefined> {
    const { profile } = this.#client;
    const { speakers } = profile.value;
    if (speakers === 'none') return undefined;
    for (const format of speakers === undefined ? SPEAKER_FORMATS : [speakers]) {
      const segments = await this.#ask(wav, format, signal);
      if (segments === 'failed') return undefined;
      if (segments === 'refused' || segments === 'without speakers') continue;
      if (segments.length > 0) profile.learn({ speakers: format });
      return withoutInventions(segments, wav);
    }
    // A recording whose voices were not told apart says nothing about a server that did so before.
    if (speakers === undefined) profile.learn({ speakers: 'none' });
    return undefined;
  }

  async #ask(
    wav: Uint8Array,
    format: SpeakerFormat,
    signal: AbortSignal,
  ): Promise<readonly SpokenSegment[] | 'refused' | 'without speakers' | 'failed'> {
    const profile = new SupposedProfile(this.#client.profile);
    const language = new LanguageField(this.#language, (name) => profile.refuses('refusedFields', name));
    let refused = false;
    const adapt = (refusal: ShapeRefusal): boolean => {
      if (language.adapt(refusal)) return true;
      refused = refusesSpeakers(refusal);
      return false;
    };
    try {
      return await this.#client.whole(
        { doing: DOING, signal, adapt, failed: () => undefined },
        (ended) => {
          const file = { name: 'recording.wav', type: 'audio/wav', bytes: wav };
          const form = multipartForm(file, {
            model: this.#model,
            ...FORMAT_FIELDS[format],
            ...language.fields,
          });
          return this.#client.endpoint.postForm('/audio/transcriptions', form, ended);
        },
        async (response) => {
          const segments = await this.#segmentsOf(response);
          if (language.omitted.length > 0) profile.learnRefused('refusedFields', ...language.omitted);
          return segments;
        },
      );
    } catch (error) {
      if (refused) return 'refused';
      if (!(error instanceof ServiceError) || isUnavailable(error)) throw error;
      return 'failed';
    }
  }

  async #segmentsOf(response: HttpResponse): Promise<readonly SpokenSegment[] | 'without speakers'> {
    const body = await responseText(response, MAX_RESPONSE_BYTES);
    const segments = readSpeakerSegments(body);
    if (segments !== undefined) return segments;
    const read = readTranscription(body, response.headers.get('content-type') ?? '');
    if (read.kind === 'text') return read.text === '' ? [] : 'without speakers';
    const { message = 'an error without a message', code } = read.error;
    throw this.#client.failure(DOING, message, { transient: true, code });
  }
}

/** The field `language`, as long as the server accepts it. */
class LanguageField {
  readonly #language: string | undefined;
  #isOmitted: boolean;
  readonly omitted: string[] = [];

  constructor(language: string | undefined, isRefused: (name: string) => boolean) {
    this.#language = language;
    this.#isOmitted = language === undefined || isRefused(`language=${language}`);
  }

  get fields(): { readonly language?: string } {
    return this.#isOmitted ? {} : { language: this.#language! };
  }

  adapt(refusal: ShapeRefusal): boolean {
    if (this.#isOmitted || !refusesLanguage(refusal, this.#language!)) return false;
    this.#isOmitted = true;
    this.omitted.push(`language=${this.#language!}`);
    return true;
  }
}

const UNAVAILABLE = [401, 403, 408, 425, 429, 502, 503, 504];

/** The same server cannot transcribe single utterances now either. */
function isUnavailable({ details, cause }: ServiceError): boolean {
  const { status, code } = details;
  if (status !== undefined) return UNAVAILABLE.includes(status);
  // Without a cause, the server did respond: with an error in a successful response.
  return cause !== undefined && code !== TIMEOUT_CODE;
}

async function withoutInventions(
  segments: readonly SpokenSegment[],
  wav: Uint8Array,
): Promise<SpokenSegment[]> {
  const samples = samplesOf(wav);
  const kept: SpokenSegment[] = [];
  for (const segment of segments) {
    // Minutes are measured: live calls have their turns between segments.
    await nextTurn();
    const { startMs, endMs } = segment;
    const part = samplesBetween(samples, startMs - TIME_TOLERANCE_MS, endMs + TIME_TOLERANCE_MS);
    const text = withoutHallucinations(segment.text, measureSpeech(part));
    if (text !== '') kept.push({ ...segment, text });
  }
  return kept;
}
