import { containerOf, CONTAINERS } from '../../audio/container.ts';
import type { Segmenter } from '../../audio/speech/utterance-segmenter.ts';
import type { DictationTranscriber, Utterance } from '../../call/ports.ts';
import {
  type FromMicrophone,
  LARGEST_CLIP_BYTES,
  LONGEST_MESSAGE_MS,
  type ToMicrophone,
} from './dictation-messages.ts';
import { DictationStream, type Finished } from './dictation-stream.ts';
import type { EventLoopScheduler } from './event-loop-scheduler.ts';
import { transcriptionErrorText } from './transcription-error-text.ts';
import { TranscriptionQueue } from './transcription-queue.ts';

/** Sent when a clip was received. */
const PROCESSING = 'Processing audio...';

/** Interval of progress messages. */
const PROGRESS_STEP_MS = 500;

const NO_SERVICE =
  'No transcription service is set up: set OPENAI_API_KEY, or TRANSCRIPTION_BASE_URL for a server of your own, and start again.';

/** The page of a dictation, and the log of its failures. */
export interface DictationClient {
  send(message: ToMicrophone): void;
  /** A service failed; the error is for the log. */
  failed(error: unknown): void;
}

export interface DictationSessionOptions {
  /** Undefined: transcription is not configured. */
  readonly transcriber?: DictationTranscriber | undefined;
  /** `chunkMs`: the longest part; undefined: the parts are utterances. */
  readonly createSegmenter: (sampleRateHz: number, chunkMs: number | undefined) => Segmenter;
  /** Why a recording of this stream could not be saved. */
  readonly unsavable: () => Promise<string | undefined>;
  /** Shared by all connections. */
  readonly turns: EventLoopScheduler;
  readonly client: DictationClient;
}

/** A message of the page, its audio as bytes. */
export type Spoken =
  Exclude<FromMicrophone, { type: 'audio' }> | { readonly type: 'audio'; readonly bytes: Uint8Array };

interface Running {
  readonly stream: DictationStream;
  readonly sampleRateHz: number;
  readonly progress: boolean;
  toldMs: number;
}

/** One connection's live transcription: single clips, or one stream that is split into utterances. */
export class DictationSession {
  readonly #options: DictationSessionOptions;
  readonly #gone = new AbortController();
  readonly #texts = new TranscriptionQueue();
  #running: Running | undefined;

  constructor(options: DictationSessionOptions) {
    this.#options = options;
    options.client.send({ type: 'status', message: options.transcriber ? 'ready' : NO_SERVICE });
  }

  /**
   * Call it with the next message after the promise of the previous one has resolved, so that a fast sender waits and no audio
   * is lost. `live`: no further message is queued.
   */
  async take(message: Spoken, live = true): Promise<void> {
    await this.#options.turns.next();
    if (this.#gone.signal.aborted) return;
    if (message.type === 'start') await this.#start(message);
    else if (message.type === 'audio') await this.#audio(message.bytes, live);
    else if (this.#running) await this.#stop();
    else this.refuse('No stream was started.');
  }

  refuse(message: string): void {
    this.#options.client.send({ type: 'error', message });
  }

  /** The connection is closed. */
  close(): void {
    this.#gone.abort();
    this.#texts.clear();
    this.#running?.stream.close();
    this.#running = undefined;
  }

  async #start({
    sampleRate,
    progress = false,
    chunkSeconds,
  }: Extract<Spoken, { type: 'start' }>): Promise<void> {
    await this.#endStream();
    if (this.#gone.signal.aborted) return;
    const stream = new DictationStream({
      sampleRateHz: sampleRate,
      segmenter: this.#options.createSegmenter(
        sampleRate,
        chunkSeconds === undefined ? undefined : chunkSeconds * 1_000,
      ),
      recognizer: {
        transcribe: (utterance, signal) => this.#transcribe(utterance, signal),
        partial: (text, startMs, endMs) =>
          this.#options.client.send({ type: 'partial', text, startMs, endMs }),
      },
    });
    this.#running = { stream, sampleRateHz: sampleRate, progress, toldMs: 0 };
    this.#options.client.send({ type: 'status', message: 'listening' });
    const refusal = await this.#options.unsavable();
    if (refusal !== undefined && !this.#gone.signal.aborted) this.refuse(refusal);
  }

  async #audio(bytes: Uint8Array, live: boolean): Promise<void> {
    if (!this.#options.transcriber) this.refuse(NO_SERVICE);
    else if (bytes.length > LARGEST_CLIP_BYTES)
      this.refuse(`The audio is larger than ${LARGEST_CLIP_BYTES / 1_048_576} MiB.`);
    else if (this.#running) await this.#hear(this.#running, bytes, live);
    else await this.#clip(bytes);
  }

  async #clip(bytes: Uint8Array): Promise<void> {
    const container = containerOf(bytes);
    if (!container) {
      this.refuse(`The clip is of no kind that is known here; known are ${CONTAINERS.join(', ')}.`);
      return;
    }
    this.#options.client.send({ type: 'status', message: PROCESSING });
    await this.#texts.add({
      sizeBytes: bytes.length,
      request: () => this.#options.transcriber!.transcribeClip(bytes, container, this.#gone.signal),
      succeeded: (text) => this.#options.client.send({ type: 'transcription', text, status: 'success' }),
      failed: (error) => {
        this.#options.client.failed(error);
        this.refuse(transcriptionErrorText(error, 'The clip'));
      },
    });
  }

  async #hear(running: Running, bytes: Uint8Array, live: boolean): Promise<void> {
    const { stream, sampleRateHz } = running;
    if (bytes.length > (2 * sampleRateHz * LONGEST_MESSAGE_MS) / 1_000) {
      this.refuse(
        `A message may carry at most ${LONGEST_MESSAGE_MS / 1_000} seconds of sound; this one is left out.`,
      );
      return;
    }
    for (const { piece, last } of stream.slices(bytes)) {
      if (!last || piece.length < bytes.length) await this.#options.turns.next();
      if (this.#gone.signal.aborted) return;
      for (const finished of stream.hear(piece, live && last)) await this.#await(finished);
      this.#progress();
    }
  }

  async #await({ startMs, endMs, sizeBytes, request }: Finished): Promise<void> {
    await this.#texts.add({
      startMs,
      sizeBytes,
      request,
      succeeded: (text) => {
        if (text !== '')
          this.#options.client.send({ type: 'transcription', text, status: 'success', startMs, endMs });
        this.#progress();
      },
      failed: (error) => {
        this.#options.client.failed(error);
        const message = transcriptionErrorText(error, 'What was said here');
        this.#options.client.send({ type: 'error', message, startMs, endMs });
        this.#progress();
      },
    });
  }

  async #stop(): Promise<void> {
    await this.#endStream();
    await this.#texts.empty();
    if (!this.#gone.signal.aborted) this.#options.client.send({ type: 'status', message: 'stopped' });
  }

  async #endStream(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    const finished = running.stream.end();
    running.stream.close();
    for (const one of finished) await this.#await(one);
  }

  /** Tells how far the stream is transcribed, or reported as failed. */
  #progress(): void {
    const running = this.#running;
    if (!running?.progress) return;
    const untilMs = Math.floor(
      Math.min(this.#texts.first?.startMs ?? Infinity, running.stream.earliestNextStartMs),
    );
    if (untilMs < running.toldMs + PROGRESS_STEP_MS) return;
    running.toldMs = untilMs;
    this.#options.client.send({ type: 'progress', untilMs });
  }

  #transcribe(utterance: Utterance, signal?: AbortSignal): Promise<string> {
    const gone = this.#gone.signal;
    return this.#options.transcriber!.transcribe(utterance, signal ? AbortSignal.any([signal, gone]) : gone);
  }
}
