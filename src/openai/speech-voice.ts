import type OpenAI from 'openai';
import { encodeMulaw } from '../audio/mulaw.ts';
import { loadResampler, Resampler } from '../audio/resampler.ts';
import { ServiceError, type Voice } from '../call/ports.ts';
import type { SpeechSettings } from '../settings/settings.ts';
import { openAiClient } from './openai-client.ts';
import { type Asking, pieceByPiece } from './request-deadlines.ts';
import { SpeechResponseReader } from './speech-response-reader.ts';
import { LIVE_TIMEOUTS, type ServiceTimeouts } from './timeouts.ts';
import { realTimer, type Timer } from './timers.ts';

const LINE_RATE_HZ = 8_000;

/** Speaks with a speech server, as μ-law for the telephone. */
export class SpeechVoice implements Voice {
  readonly #client: OpenAI;
  readonly #speech: SpeechSettings;
  readonly #timeouts: ServiceTimeouts;
  readonly #timer: Timer;

  constructor(options: {
    readonly speech: SpeechSettings;
    readonly timeouts?: ServiceTimeouts;
    readonly timer?: Timer;
  }) {
    this.#speech = options.speech;
    this.#timeouts = options.timeouts ?? LIVE_TIMEOUTS;
    this.#timer = options.timer ?? realTimer;
    this.#client = openAiClient(options.speech, this.#timeouts);
  }

  async *speak(text: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    await loadResampler();
    const asking = { service: 'speech', doing: 'speaking', signal, timer: this.#timer } as const;
    let spoken: SpeechResponseReader | undefined;
    const pieces = pieceByPiece(this.#timeouts.idleMs, asking, async (ended) => {
      const response = await this.#client.audio.speech.create(
        { ...this.#request(), input: text },
        { signal: ended },
      );
      spoken = new SpeechResponseReader(response.headers.get('content-type'));
      return bodyOf(response);
    });
    const toLine = new ToLine();
    try {
      for await (const bytes of pieces) yield* toLine.convert(spoken?.read(bytes), spoken);
      if (signal.aborted) return;
      yield* toLine.convert(spoken?.finish(), spoken);
      yield* toLine.end();
      if (toLine.isEmpty) throw nothingSpoken(asking);
    } finally {
      toLine.close();
    }
  }

  #request(): Omit<OpenAI.Audio.SpeechCreateParams, 'input'> {
    const { model, voice } = this.#speech;
    return { model, voice, response_format: 'pcm' };
  }
}

/** Converts one piece of speech for the line, with its own filter state. */
class ToLine {
  #resampler: Resampler | undefined;
  #samples = 0;

  get isEmpty(): boolean {
    return this.#samples === 0;
  }

  *convert(samples: Int16Array | undefined, from: SpeechResponseReader | undefined): Generator<Uint8Array> {
    if (samples === undefined || from === undefined || samples.length === 0) return;
    this.#resampler ??= new Resampler({ fromHz: from.sampleRateHz, toHz: LINE_RATE_HZ });
    yield* this.#encoded(this.#resampler.process(samples));
  }

  /** The rest of the filter; without it each sentence would lose its last milliseconds. */
  *end(): Generator<Uint8Array> {
    if (this.#resampler !== undefined) yield* this.#encoded(this.#resampler.flush());
  }

  close(): void {
    this.#resampler?.close();
  }

  *#encoded(pcm: Int16Array): Generator<Uint8Array> {
    this.#samples += pcm.length;
    if (pcm.length > 0) yield encodeMulaw(pcm);
  }
}

function bodyOf(response: Response): AsyncIterable<Uint8Array> {
  if (response.body === null)
    throw new ServiceError('speech', 'speaking: the response has no body', { transient: true });
  return response.body;
}

function nothingSpoken({ doing }: Asking): ServiceError {
  return new ServiceError('speech', `${doing}: the response is empty`, { transient: true });
}
