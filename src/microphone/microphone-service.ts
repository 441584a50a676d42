import type { Router } from 'express';
import type { WebSocket } from 'ws';
import { UtteranceSegmenter } from '../audio/speech/utterance-segmenter.ts';
import { VoiceActivity } from '../audio/speech/voice-activity.ts';
import type { ClipTranscriber } from '../call/ports.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Authenticator } from '../http/auth/authenticator.ts';
import { clientAddress } from '../http/auth/proxy-headers.ts';
import type { WebSocketRoute } from '../http/websocket-routes.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings/settings.ts';
import { MicrophoneCatalogueSync } from './catalogue-sync.ts';
import { LARGEST_DICTATION_MESSAGE } from './dictation-messages.ts';
import { DictationSocket } from './dictation-socket.ts';
import { EventLoopScheduler } from './event-loop-scheduler.ts';
import { createMicrophoneRouter } from './microphone-router.ts';
import { MicrophoneRecordings } from './recording-folder.ts';

const DICTATION_SOCKET = '/ws';
const MOST_SOCKETS = 100;
const MOST_SOCKETS_OF_AN_ADDRESS = 8;
/** What killed processes have left of uploads is looked for. */
const SWEEP_EVERY_MS = 600_000;
/** An utterance ends at this pause; a shorter one would cut sentences in two. */
export const END_OF_UTTERANCE_MS = 350;
/** At this pause its text is asked for already, and shown: mostly the utterance has ended. */
export const FIRST_TEXT_AFTER_MS = 180;

export interface MicrophoneServiceOptions {
  readonly settings: Settings;
  readonly authenticator: Authenticator;
  readonly transcriber?: ClipTranscriber;
  readonly catalogue?: Catalogue;
  readonly log: Log;
  readonly now: () => number;
}

/** What has to do with the browser's microphone and no call: recordings, and live transcription. */
export class MicrophoneService {
  readonly #parts: MicrophoneServiceOptions;
  readonly #folder: MicrophoneRecordings;
  readonly #index: MicrophoneCatalogueSync | undefined;
  readonly #sockets = new Map<DictationSocket, string>();
  readonly #loopTurns = new EventLoopScheduler();
  #sweptAtMs = 0;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(parts: MicrophoneServiceOptions) {
    this.#parts = parts;
    const { catalogue, log } = parts;
    this.#folder = new MicrophoneRecordings(parts.settings.recording.microphoneDirectory);
    this.#index = catalogue && new MicrophoneCatalogueSync({ folder: this.#folder, catalogue, log });
  }

  /** What happened to the recordings meanwhile is made known to the catalogue. */
  open(): void {
    this.#index?.compare();
    this.#sweep(this.#parts.now());
  }

  routes(): Router {
    const folder = this.#folder;
    return createMicrophoneRouter({
      authenticator: this.#parts.authenticator,
      recordings: {
        uploads: folder.uploads,
        keep: async (uploaded) => {
          const kept = await folder.keep(uploaded, new Date(this.#parts.now()));
          if (typeof kept !== 'string') this.#index?.kept(kept);
          return kept;
        },
        list: () => folder.list(),
        pathOf: (name) => folder.pathOf(name),
        keepTranscript: (name, text) => folder.keepTranscript(name, text),
        transcriptOf: (name) => folder.transcriptOf(name),
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
      largestMessageBytes: LARGEST_DICTATION_MESSAGE,
      refusal: (request) => {
        const result = this.#parts.authenticator.authenticate(request);
        if (!result.admitted) return result;
        const address = clientAddress(request);
        const same = [...this.#sockets.values()].filter((one) => one === address).length;
        if (same < MOST_SOCKETS_OF_AN_ADDRESS && this.#sockets.size < MOST_SOCKETS) return undefined;
        return { status: 429, sentence: 'Too many microphones are transcribed at once; close one of them.' };
      },
      open: (socket, request) => this.#open(socket, clientAddress(request)),
    };
  }

  tick(atMs: number): void {
    if (atMs - this.#sweptAtMs >= SWEEP_EVERY_MS) this.#sweep(atMs);
    for (const socket of this.#sockets.keys()) socket.tick(atMs);
  }

  close(): void {
    for (const socket of this.#sockets.keys()) socket.close();
  }

  /** Resolves when the catalogue has been told of what there was to tell, and nothing is being removed. */
  async settled(): Promise<void> {
    await this.#sweeping;
    await this.#index?.settled();
  }

  #sweep(atMs: number): void {
    this.#sweptAtMs = atMs;
    this.#sweeping = this.#folder
      .sweep(new Date(atMs))
      .catch((error: unknown) => this.#parts.log.warn({ err: error }, 'old uploads could not be removed'));
  }

  #open(socket: WebSocket, address: string): void {
    const { transcriber, log, now, settings } = this.#parts;
    const turns = { ...settings.call.turns, endOfTurnMs: END_OF_UTTERANCE_MS };
    const opened: DictationSocket = new DictationSocket(
      socket,
      {
        now,
        turns: this.#loopTurns,
        ...(transcriber && { transcriber }),
        cutter: (sampleRateHz) =>
          new UtteranceSegmenter({
            ...{ sampleRateHz, turns, judge: new VoiceActivity() },
            pauseMs: FIRST_TEXT_AFTER_MS,
          }),
        failed: (error) => log.warn({ err: error }, 'live transcription had trouble'),
      },
      () => this.#sockets.delete(opened),
    );
    this.#sockets.set(opened, address);
  }
}
