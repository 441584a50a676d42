import type { Router } from 'express';
import type { WebSocket } from 'ws';
import { ChunkSegmenter } from '../audio/speech/chunk-segmenter.ts';
import { type Segmenter, UtteranceSegmenter } from '../audio/speech/utterance-segmenter.ts';
import { VoiceActivity } from '../audio/speech/voice-activity.ts';
import type { DictationTranscriber, SpeakerTranscriber } from '../call/ports.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Authenticator } from '../http/auth/authenticator.ts';
import type { WebSocketRoute } from '../http/sockets/websocket-routes.ts';
import { componentLog, type Log } from '../log.ts';
import type { Settings } from '../settings/settings.ts';
import { LARGEST_DICTATION_MESSAGE } from './dictation/dictation-messages.ts';
import { DictationSocket } from './dictation/dictation-socket.ts';
import { EventLoopScheduler } from './dictation/event-loop-scheduler.ts';
import { createMicrophoneRouter } from './microphone-router.ts';
import { RecordingLibrary } from './recording-library.ts';
import { RecordingTranscriber } from './recordings/recording-transcriber.ts';

const DICTATION_SOCKET = '/ws';
const MAX_SOCKETS = 100;
const MAX_SOCKETS_PER_ADDRESS = 8;
/** When a page may ask again after all places were taken. */
const FULL_WAIT_SECONDS = 10;
/** Silence that ends an utterance; a shorter pause would split sentences. */
export const END_OF_UTTERANCE_MS = 350;
/** At this shorter pause a first text is requested and shown: usually the utterance has ended. */
export const FIRST_TEXT_AFTER_MS = 180;

export interface MicrophoneServiceOptions {
  readonly settings: Settings;
  readonly authenticator: Authenticator;
  readonly transcriber?: DictationTranscriber | undefined;
  /** For recordings of several voices. */
  readonly speakers?: SpeakerTranscriber | undefined;
  readonly catalogue?: Catalogue | undefined;
  readonly log: Log;
  readonly now: () => number;
}

/** Recordings and live transcription of the browser's microphone, independent of calls. */
export class MicrophoneService {
  readonly #options: MicrophoneServiceOptions;
  readonly #library: RecordingLibrary;
  readonly #sockets = new Map<DictationSocket, string>();
  readonly #eventLoop = new EventLoopScheduler();

  constructor(options: MicrophoneServiceOptions) {
    const log = componentLog(options.log, 'microphone');
    this.#options = { ...options, log };
    const { settings, catalogue, now } = options;
    const recordingTranscriber = this.#recordingTranscriber();
    this.#library = new RecordingLibrary({ settings, catalogue, recordingTranscriber, log, now });
  }

  /** Synchronises the catalogue with the recordings, and removes abandoned uploads. */
  open(): void {
    this.#library.open();
  }

  routes(): Router {
    const { authenticator } = this.#options;
    const { reserve } = this.#library;
    return createMicrophoneRouter({ authenticator, reserve, recordings: this.#library });
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
    this.#library.tick(atMs);
    for (const socket of this.#sockets.keys()) socket.tick(atMs);
  }

  close(): void {
    this.#library.close();
    for (const socket of this.#sockets.keys()) socket.close();
  }

  /** Resolves when pending catalogue updates and removals are done. */
  idle(): Promise<void> {
    return this.#library.idle();
  }

  #recordingTranscriber(): RecordingTranscriber | undefined {
    const { transcriber, speakers } = this.#options;
    if (!transcriber) return undefined;
    return new RecordingTranscriber({
      transcriber,
      speakers,
      createSegmenter: (sampleRateHz) => this.#segmenter(sampleRateHz, undefined),
      turns: this.#eventLoop,
    });
  }

  #segmenter(sampleRateHz: number, chunkMs: number | undefined): Segmenter {
    if (chunkMs !== undefined) return new ChunkSegmenter({ sampleRateHz, chunkMs });
    const turns = { ...this.#options.settings.call.turns, endOfTurnMs: END_OF_UTTERANCE_MS };
    const voiceActivity = new VoiceActivity();
    return new UtteranceSegmenter({ sampleRateHz, turns, voiceActivity, pauseMs: FIRST_TEXT_AFTER_MS });
  }

  #open(socket: WebSocket, address: string): void {
    const { transcriber, log, now } = this.#options;
    const opened: DictationSocket = new DictationSocket(
      socket,
      {
        now,
        log,
        turns: this.#eventLoop,
        transcriber,
        unsavable: () => this.#library.reserve.refusal(0),
        createSegmenter: (sampleRateHz, chunkMs) => this.#segmenter(sampleRateHz, chunkMs),
      },
      () => this.#sockets.delete(opened),
    );
    this.#sockets.set(opened, address);
  }
}
