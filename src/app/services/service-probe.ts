import { decodeMulaw } from '../../audio/mulaw.ts';
import { SAMPLES_PER_MS, TELEPHONE_HZ } from '../../audio/telephone.ts';
import { writeWav } from '../../audio/wav/wav.ts';
import { RETRACT, ServiceError, type Services } from '../../call/ports.ts';
import type { Clock } from '../../events/clock.ts';
import type { ServiceHealth } from './service-health.ts';

/** A server that has not answered for this long is reported, and waited for. */
export const SLOW_ANSWER_MS = 4_000;
/** Pause between two checks of a service that fails. */
const RECHECK_MS = 60_000;
const CLIP_MS = 1_000;

type ProbedService =
  'transcription' | 'streaming-transcription' | 'end-of-turn' | 'chat' | 'speech' | 'speech-to-speech';

export interface ServiceProbeOptions {
  readonly services: Services;
  readonly health: ServiceHealth;
  readonly clock: Clock;
  /** Recorded speech, μ-law at 8,000 Hz; its first second is transcribed. */
  readonly speech: Uint8Array;
  /** Pause between two checks of a service that works. */
  readonly everyMs: number;
}

/**
 * Sends one small real request to each service, at the start and then regularly: a failure is known before a caller meets it.
 * A service that served a call meanwhile is not asked.
 */
export class ServiceProbe {
  readonly #options: ServiceProbeOptions;
  readonly #stopped = new AbortController();
  readonly #requests: readonly (readonly [ProbedService, (signal: AbortSignal) => Promise<void>])[];

  constructor(options: ServiceProbeOptions) {
    this.#options = options;
    const { replier, voice, transcriber, streamingTranscriber, endOfTurnModel, speechToSpeech } =
      options.services;
    this.#requests = [
      ...(transcriber ? [['transcription', (signal: AbortSignal) => this.#transcribe(signal)] as const] : []),
      ...(streamingTranscriber
        ? [['streaming-transcription', (signal: AbortSignal) => this.#stream(signal)] as const]
        : []),
      ...(endOfTurnModel ? [['end-of-turn', (signal: AbortSignal) => this.#judge(signal)] as const] : []),
      ...(replier ? [['chat', (signal: AbortSignal) => this.#chat(signal)] as const] : []),
      ...(voice ? [['speech', (signal: AbortSignal) => this.#speak(signal)] as const] : []),
      ...(speechToSpeech
        ? [['speech-to-speech', (signal: AbortSignal) => speechToSpeech.check(signal)] as const]
        : []),
    ];
  }

  /** Checks until `stop`. Never throws. */
  start(): void {
    for (const [service, request] of this.#requests) void this.#repeat(service, request);
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #repeat(service: ProbedService, request: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { clock, everyMs, health } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const servedAtMs = health.succeededAtMs(service) ?? -Infinity;
      const worked = clock.now() - servedAtMs < everyMs || (await this.#check(service, request));
      await clock.sleep(worked ? everyMs : Math.min(RECHECK_MS, everyMs), signal);
    }
  }

  /** Returns whether the service answered. */
  async #check(service: ProbedService, request: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    const { clock, health } = this.#options;
    const stopped = this.#stopped.signal;
    const answered = new AbortController();
    const did = 'checked the service without a call; it is checked again';
    void clock.sleep(SLOW_ANSWER_MS, AbortSignal.any([stopped, answered.signal])).then(() => {
      if (!answered.signal.aborted && !stopped.aborted) health.failed(service, slow(service), { did });
    });
    try {
      await request(stopped);
      if (!stopped.aborted) health.succeeded(service);
      return true;
    } catch (error) {
      if (!stopped.aborted) health.failed(service, error, { did });
      return false;
    } finally {
      answered.abort();
    }
  }

  async #chat(signal: AbortSignal): Promise<void> {
    const conversation = [{ speaker: 'caller', text: 'Hello, can you hear me?' }] as const;
    for await (const part of this.#options.services.replier!.reply(conversation, signal))
      if (part !== RETRACT && part.trim() !== '') return;
  }

  async #speak(signal: AbortSignal): Promise<void> {
    for await (const part of this.#options.services.voice!.speak('Hello.', signal))
      if (part instanceof Uint8Array && part.length > 0) return;
  }

  get #clip(): Uint8Array {
    return this.#options.speech.subarray(0, CLIP_MS * SAMPLES_PER_MS);
  }

  async #stream(signal: AbortSignal): Promise<void> {
    await this.#options.services.streamingTranscriber!.transcribe(this.#clip, signal);
  }

  async #judge(signal: AbortSignal): Promise<void> {
    await this.#options.services.endOfTurnModel!.probability(this.#clip, signal);
  }

  async #transcribe(signal: AbortSignal): Promise<void> {
    const wav = writeWav(decodeMulaw(this.#clip), TELEPHONE_HZ);
    await this.#options.services.transcriber!.transcribe({ wav, durationMs: CLIP_MS }, signal);
  }
}

function slow(service: ProbedService): ServiceError {
  const said = `no answer within ${SLOW_ANSWER_MS / 1_000} s`;
  return new ServiceError(service, `checking: ${said}`, { transient: true, details: { said } });
}
