import { loadResampler } from '../../audio/resampler.ts';
import type { PcmPiece } from '../../audio/decoders/pcm-piece.ts';
import { UnreadableAudio } from '../../audio/unreadable-audio.ts';
import type { ServiceError, Voice } from '../../call/ports.ts';
import type { HttpResponse } from '../../proxy/http-response.ts';
import type { SpeechSettings } from '../../settings/settings.ts';
import type { RequestEnvironment } from '../server/request-environment.ts';
import type { ServerProfiles, SpeechFormat } from '../server/server-profiles.ts';
import { type ShapeRefusal, ServiceClient } from '../server/service-client.ts';
import { LIVE_TIMEOUTS, type ServiceTimeouts } from '../server/timeouts.ts';
import { LineEncoder } from './line-encoder.ts';
import { SpeechResponseReader, SpokenError } from './speech-response-reader.ts';
import { SpeechShape } from './speech-shape.ts';

const DOING = 'speaking';
const UNREADABLE = 'unreadable_audio';
/** A voice that is silent for longer at the start has failed; callers wait 4 s at most. */
const MAX_SILENCE_MS = 2_000;
/** What a response for each format is, by its bytes. */
const SENT_AS: Readonly<Record<SpeechFormat, readonly string[]>> = {
  wav: ['wav'],
  pcm: ['samples', 'wav'],
  mp3: ['mp3'],
  flac: ['flac'],
  opus: ['ogg-opus'],
};

export interface SpeechVoiceOptions extends RequestEnvironment {
  readonly speech: SpeechSettings;
  readonly timeouts?: ServiceTimeouts | undefined;
  readonly profiles?: ServerProfiles | undefined;
}

/** Speaks with a speech server, as μ-law for the telephone. */
export class SpeechVoice implements Voice {
  readonly server: string;
  readonly #client: ServiceClient;
  readonly #speech: SpeechSettings;
  readonly #shape: SpeechShape;

  constructor({ speech, timeouts = LIVE_TIMEOUTS, profiles, ...environment }: SpeechVoiceOptions) {
    this.#speech = speech;
    const target = { service: 'speech', settings: speech } as const;
    this.#client = new ServiceClient({ ...target, timeouts, profiles, ...environment });
    this.server = this.#client.server;
    this.#shape = new SpeechShape(this.#client.profile);
  }

  /** Requests one word, so that the server loads its voice. */
  wake(): void {
    const body = this.#body('Hello.', this.#shape.format);
    this.#client.waker.wake(async (signal) => {
      const { body: sound } = await this.#request(body, signal);
      for await (const _ of sound ?? []);
    });
  }

  /** Throws a `ServiceError`, also after a part of the speech. Ends without an error if `signal` aborts it. */
  async *speak(text: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    await loadResampler();
    const shape = this.#shape;
    let format: SpeechFormat | undefined;
    const adapt = (refusal: ShapeRefusal) =>
      refusal.code === UNREADABLE ? shape.markUndecodable(format) : shape.adapt(refusal, format);
    yield* this.#client.pieces(
      { doing: DOING, signal, adapt, failed: () => shape.requestFailed() },
      async (ended) => {
        ({ format } = shape);
        const body = this.#body(text, format);
        const response = await this.#client.waker.timed(() => this.#request(body, ended));
        return this.#read(response, format);
      },
    );
  }

  #request(body: object, signal: AbortSignal): Promise<HttpResponse> {
    return this.#client.endpoint.postJson('/audio/speech', body, {
      signal,
      accept: 'application/octet-stream',
    });
  }

  #body(input: string, format: SpeechFormat | undefined): object {
    const { model, voice } = this.#speech;
    const body = { model, voice, input };
    if (format === undefined) return body;
    return { ...body, response_format: format };
  }

  /** μ-law; empty pieces show that bytes arrived. */
  async *#read(response: HttpResponse, format: SpeechFormat | undefined): AsyncGenerator<Uint8Array> {
    const reader = new SpeechResponseReader(response.headers, this.#speech.sampleRateHz);
    const line = new LineEncoder();
    const accepted = (): void => {
      this.#observe(reader.kind, format);
      if (reader.isEncoded) this.#client.profile.observe('sends audio in base64 within a text');
      this.#shape.accepted(format);
    };
    try {
      for await (const bytes of response.body ?? []) {
        yield* this.#converted(await reader.read(bytes), line, accepted);
        yield NOTHING;
      }
      yield* this.#converted(await reader.end(), line, accepted);
      yield* line.end();
    } catch (error) {
      throw this.#asServiceError(error);
    } finally {
      reader.close();
      line.close();
    }
    if (line.isEmpty) throw this.#noAudio('the response is empty');
    if (line.silentMs > 0) throw this.#noAudio('the response is silence');
  }

  /** `accepted` is called if there is audio. */
  *#converted(pieces: readonly PcmPiece[], line: LineEncoder, accepted: () => void): Generator<Uint8Array> {
    if (pieces.length > 0) accepted();
    yield* line.convert(pieces);
    if (line.silentMs > MAX_SILENCE_MS) throw this.#noAudio('the response begins with silence');
  }

  #noAudio(said: string): ServiceError {
    return this.#client.failure(DOING, said, { transient: true, code: 'no_audio' });
  }

  #observe(sent: string | undefined, asked: SpeechFormat | undefined): void {
    if (sent === undefined || asked === undefined || SENT_AS[asked].includes(sent)) return;
    this.#client.profile.observe(`sends ${sent} when asked for ${asked}`);
  }

  #asServiceError(error: unknown): unknown {
    if (error instanceof UnreadableAudio)
      return this.#client.failure(DOING, error.message, { transient: false, code: UNREADABLE });
    if (!(error instanceof SpokenError)) return error;
    const { code, message = 'a text instead of audio' } = error.said;
    return this.#client.failure(DOING, message, { transient: false, code });
  }
}

const NOTHING = new Uint8Array(0);
