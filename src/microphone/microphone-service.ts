import type { Router } from 'express';
import type { WebSocket } from 'ws';
import { ChunkSegmenter } from '../audio/speech/chunk-segmenter.ts';
import { UtteranceSegmenter } from '../audio/speech/utterance-segmenter.ts';
import { VoiceActivity } from '../audio/speech/voice-activity.ts';
import type { DictationTranscriber } from '../call/ports.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Authenticator } from '../http/auth/authenticator.ts';
import type { WebSocketRoute } from '../http/websocket-routes.ts';
import { componentLog, type Log } from '../log.ts';
import type { Settings } from '../settings/settings.ts';
import { MicrophoneCatalogueSync } from './recordings/catalogue-sync.ts';
import { LARGEST_DICTATION_MESSAGE } from './dictation/dictation-messages.ts';
import { diskSpace } from '../storage/disk-space.ts';
import { DictationSocket } from './dictation/dictation-socket.ts';
import { DiskReserve } from './recordings/disk-reserve.ts';
import { EventLoopScheduler } from './dictation/event-loop-scheduler.ts';
import { createMicrophoneRouter } from './microphone-router.ts';
import { MicrophoneRecordings } from './recordings/recording-folder.ts';

const DICTATION_SOCKET = '/ws';
const DAY_MS = 86_400_000;
const MAX_SOCKETS = 100;
const MAX_SOCKETS_PER_ADDRESS = 8;
/** When a page may ask again after all places were taken. */
const FULL_WAIT_SECONDS = 10;
/** Interval of removing abandoned uploads of crashed processes. */
const SWEEP_EVERY_MS = 600_000;
/** Silence that ends an utterance; a shorter pause would split sentences. */
export const END_OF_UTTERANCE_MS = 350;
/** At this shorter pause a first text is requested and shown: usually the utterance has ended. */
export const FIRST_TEXT_AFTER_MS = 180;

export interface MicrophoneServiceOptions {
  readonly settings: Settings;
  readonly authenticator: Authenticator;
  readonly transcriber?: DictationTranscriber | undefined;
  readonly catalogue?: Catalogue | undefined;
  readonly log: Log;
  readonly now: () => number;
}

/** Recordings and live transcription of the browser's microphone, independent of calls. */
export class MicrophoneService {
  readonly #options: MicrophoneServiceOptions;
  readonly #folder: MicrophoneRecordings;
  readonly #index: MicrophoneCatalogueSync | undefined;
  readonly #reserve: DiskReserve;
  readonly #sockets = new Map<DictationSocket, string>();
  readonly #eventLoop = new EventLoopScheduler();
  #sweptAtMs = 0;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: MicrophoneServiceOptions) {
    const log = componentLog(options.log, 'microphone');
    this.#options = { ...options, log };
    const { catalogue } = options;
    this.#folder = new MicrophoneRecordings(options.settings.recording.microphoneDirectory, (file, reason) =>
      log.warn({ file, reason }, 'file in the microphone directory is not listed'),
    );
    this.#reserve = new DiskReserve({
      reserveBytes: options.settings.limits.diskReserveBytes,
      space: () => diskSpace(this.#folder.directory),
    });
    this.#index = catalogue && new MicrophoneCatalogueSync({ folder: this.#folder, catalogue, log });
  }

  /** Synchronises the catalogue with the recordings, and removes abandoned uploads. */
  open(): void {
    this.#index?.compare();
    this.#sweep(this.#options.now());
  }

  routes(): Router {
    const folder = this.#folder;
    return createMicrophoneRouter({
      authenticator: this.#options.authenticator,
      reserve: this.#reserve,
      recordings: {
        uploads: folder.uploads,
        keep: async (uploaded) => {
          const kept = await folder.keep(uploaded, new Date(this.#options.now())).catch((error: unknown) => {
            this.#options.log.error({ err: error }, 'a recording of the microphone could not be stored');
            throw error;
          });
          if (typeof kept !== 'string') this.#index?.kept(kept);
          return kept;
        },
        list: () => folder.list(),
        pathOf: (name) => folder.pathOf(name),
        keepTranscript: (name, text) => folder.keepTranscript(name, text),
        transcriptOf: (name) => folder.transcriptOf(name),
        rename: async (name, newName) => {
          const renamed = await folder.rename(name, newName);
          if (renamed === undefined || renamed === 'taken') return renamed;
          this.#index?.removed(name);
          this.#index?.kept(renamed);
          return renamed;
        },
        remove: async (name) => {
          const removed = await folder.remove(name);
          if (removed) this.#index?.removed(name);
          return removed;
        },
      },
    });
  }

  webSocketRoute(): WebSocketRoute {
    return {
      path: DICTATION_SOCKET,
      maxMessageBytes: LARGEST_DICTATION_MESSAGE,
      refusal: (request) => {
        const result = this.#options.authenticator.authenticate(request);
        if (!result.admitted) return result;
        const address = this.#options.authenticator.addresses.of(request);
        const same = [...this.#sockets.values()].filter((one) => one === address).length;
        if (same < MAX_SOCKETS_PER_ADDRESS && this.#sockets.size < MAX_SOCKETS) return undefined;
        return {
          status: 429,
          sentence: 'Too many live transcriptions at once; close one of them.',
          waitSeconds: FULL_WAIT_SECONDS,
        };
      },
      open: (socket, request) => this.#open(socket, this.#options.authenticator.addresses.of(request)),
    };
  }

  tick(atMs: number): void {
    if (atMs - this.#sweptAtMs >= SWEEP_EVERY_MS) this.#sweep(atMs);
    for (const socket of this.#sockets.keys()) socket.tick(atMs);
  }

  close(): void {
    for (const socket of this.#sockets.keys()) socket.close();
  }

  /** Resolves when pending catalogue updates and removals are done. */
  async idle(): Promise<void> {
    await this.#sweeping;
    await this.#index?.idle();
  }

  #sweep(atMs: number): void {
    this.#sweptAtMs = atMs;
    this.#sweeping = this.#tidy(new Date(atMs));
  }

  async #tidy(now: Date): Promise<void> {
    const { log } = this.#options;
    try {
      const removed = await this.#folder.sweep(now);
      if (removed > 0) log.warn({ removed }, 'abandoned uploads removed');
      for (const saved of await this.#folder.retryUnsaved()) {
        log.info({ file: saved.name }, 'a recording of the microphone was stored at another attempt');
        this.#index?.kept(saved);
      }
      await this.#removeExpired(now.getTime());
    } catch (error) {
      log.warn({ err: error }, 'recordings of the microphone could not be tidied; will retry');
    }
  }

  /** Deletes recordings older than MICROPHONE_RETENTION_DAYS, with their transcripts. */
  async #removeExpired(atMs: number): Promise<void> {
    const { settings, log } = this.#options;
    const { microphoneDays: days } = settings.limits;
    if (days === 0) return;
    const expired = (await this.#folder.list()).filter(
      ({ createdAtMs }) => atMs - createdAtMs > days * DAY_MS,
    );
    for (const { name } of expired) if (await this.#folder.remove(name)) this.#index?.removed(name);
    if (expired.length > 0)
      log.info({ days, removed: expired.length }, 'expired microphone recordings deleted');
  }

  #open(socket: WebSocket, address: string): void {
    const { transcriber, log, now, settings } = this.#options;
    const turns = { ...settings.call.turns, endOfTurnMs: END_OF_UTTERANCE_MS };
    const opened: DictationSocket = new DictationSocket(
      socket,
      {
        now,
        log,
        turns: this.#eventLoop,
        transcriber,
        unsavable: () => this.#reserve.refusal(0),
        createSegmenter: (sampleRateHz, chunkMs) =>
          chunkMs === undefined
            ? new UtteranceSegmenter({
                sampleRateHz,
                turns,
                voiceActivity: new VoiceActivity(),
                pauseMs: FIRST_TEXT_AFTER_MS,
              })
            : new ChunkSegmenter({ sampleRateHz, chunkMs }),
      },
      () => this.#sockets.delete(opened),
    );
    this.#sockets.set(opened, address);
  }
}
