import type { FromMicrophone, ToMicrophone } from '../../src/microphone/dictation/dictation-messages.ts';
import { socketAddress } from '../frame/ask-server.ts';
import { toBase64 } from '../sound/base64.ts';
import type { WavEncoder } from '../sound/wav-encoder.ts';
import { type Stretch, type UnwrittenStretch, UnwrittenStretches } from './unwritten-stretches.ts';

export const DICTATION_SOCKET = '/ws';
const AGAIN_AFTER_MS = 1_000;
const MOST_OF_A_MESSAGE_MS = 1_000;
/** The maximum backlog in the browser for a server that reads only as fast as it transcribes. */
const MOST_BUFFERED_BYTES = 512 * 1024;
/** After the recording has ended, pending texts are given up after this time without progress. */
const LONGEST_STANDSTILL_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** Text of the recording, with its position. */
export interface WrittenLine extends Stretch {
  readonly text: string;
  /** The utterance is not finished. */
  readonly partial: boolean;
}

export type DictationState = 'connecting' | 'listening' | 'broken' | 'off' | 'over';

export interface DictationOptions {
  readonly recording: WavEncoder;
  readonly rateHz: number;
  /** The length of the parts that are transcribed; undefined: utterances. */
  readonly chunkSeconds: number | undefined;
  readonly changed: () => void;
}

/** The ranges that the server is transcribing, in samples of the recording. */
interface Run {
  readonly stretch: UnwrittenStretch;
  readonly base: number;
  sent: number;
  stopSaid: boolean;
}

/**
 * Live transcription of a growing recording. The recording is the source: parts that could not be transcribed, because
 * the connection broke or the service failed, stay in a list and are sent again.
 */
export class DictationLink {
  state: DictationState = 'connecting';
  lines: readonly WrittenLine[] = [];
  /** A message from the server: no transcription service, or an error. */
  notice: string | undefined;
  /** The recording has ended, and its last texts are pending. */
  finishing = false;
  readonly #recording: WavEncoder;
  readonly #rateHz: number;
  readonly #chunkSeconds: number | undefined;
  readonly #changed: () => void;
  readonly #unwritten = new UnwrittenStretches();
  #socket: WebSocket | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #run: Run | undefined;
  #movedAtMs = 0;
  #looking: ReturnType<typeof setInterval> | undefined;
  #finished: (() => void) | undefined;

  constructor(options: DictationOptions) {
    this.#recording = options.recording;
    this.#rateHz = options.rateHz;
    this.#chunkSeconds = options.chunkSeconds;
    this.#changed = options.changed;
    this.#open();
  }

  /** Parts that are not transcribed: those that failed, and at the end all that remain. */
  get missing(): readonly Stretch[] {
    if (this.state === 'off' && this.lines.length === 0) return [];
    return ['over', 'off'].includes(this.state) ? this.#unwritten.all : this.#unwritten.failed;
  }

  /** The length of the audio that is waiting to be transcribed. */
  get behindMs(): number {
    return this.#unwritten.lengthMs(this.#recording.durationMs);
  }

  /** The recording has grown. */
  more(): void {
    const run = this.#run;
    if (!run || run.stopSaid) return;
    const end = Math.min(this.#recording.samples, this.#samplesAt(run.stretch.sendUntilMs));
    const most = this.#samplesAt(MOST_OF_A_MESSAGE_MS);
    while (run.sent < end && this.#socket!.bufferedAmount < MOST_BUFFERED_BYTES) {
      const pcm = this.#recording.slice(run.sent, Math.min(most, end - run.sent));
      run.sent += pcm.length;
      this.#say({ type: 'audio', audio: toBase64(new Uint8Array(pcm.buffer)) });
    }
    if (run.sent < end || run.stretch.endMs === Infinity) return;
    run.stopSaid = true;
    this.#say({ type: 'stop' });
  }

  /** The recording has ended. Resolves when all of it is transcribed or has failed. */
  finish(): Promise<void> {
    this.#unwritten.endAt(this.#recording.durationMs);
    return this.#untilOver();
  }

  /** Retries the parts that could not be transcribed. */
  retry(): Promise<void> {
    this.#unwritten.forgive();
    this.state = 'connecting';
    const over = this.#untilOver();
    this.#open();
    return over;
  }

  /** Gives up all parts that are not transcribed yet. */
  skip(): void {
    clearTimeout(this.#again);
    clearInterval(this.#looking);
    if (this.state !== 'off') this.state = 'over';
    this.finishing = false;
    this.#run = undefined;
    this.#socket?.close();
    this.#dropPartial();
    this.#finished?.();
    this.#changed();
  }

  #untilOver(): Promise<void> {
    return new Promise((resolve) => {
      this.#finished = resolve;
      if (this.state === 'off') {
        this.skip();
        return;
      }
      this.finishing = true;
      this.#movedAtMs = performance.now();
      this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS);
      this.#look();
    });
  }

  #look(): void {
    this.more();
    if (performance.now() - this.#movedAtMs > LONGEST_STANDSTILL_MS) this.skip();
    else this.#changed();
  }

  #open(): void {
    const socket = new WebSocket(socketAddress(DICTATION_SOCKET));
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket || this.state === 'over') return;
      this.#hear(JSON.parse(String(data)) as ToMicrophone);
      this.#changed();
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#closed();
    };
  }

  #closed(): void {
    if (this.state === 'over' || this.state === 'off') return;
    this.state = 'broken';
    this.#run = undefined;
    this.#dropPartial();
    this.#again = setTimeout(() => this.#open(), AGAIN_AFTER_MS);
    this.#changed();
  }

  #hear(message: ToMicrophone): void {
    this.#movedAtMs = performance.now();
    const { stretch } = this.#run ?? {};
    switch (message.type) {
      case 'status':
        this.#status(message.message);
        break;
      case 'progress':
        stretch?.settle(this.#inRecording(message.untilMs));
        break;
      case 'partial':
      case 'transcription':
        this.#write(message);
        break;
      case 'error':
        this.notice = message.message;
        if (stretch && message.startMs !== undefined && message.endMs !== undefined)
          this.#unwritten.failedIn(
            stretch,
            this.#inRecording(message.startMs),
            this.#inRecording(message.endMs),
          );
        break;
    }
  }

  #status(message: string): void {
    if (message === 'ready') this.#begin();
    else if (message === 'stopped') this.#stopped();
    else if (message !== 'listening') {
      this.state = 'off';
      this.notice = message;
      if (this.finishing) this.skip();
    }
  }

  /** A stretch that was sent is transcribed, or its failed parts are in the list. */
  #stopped(): void {
    if (this.#run) this.#unwritten.done(this.#run.stretch);
    this.#run = undefined;
    this.#begin();
  }

  #begin(): void {
    const stretch = this.#unwritten.next();
    if (!stretch) {
      this.notice = this.missing.length === 0 ? undefined : this.notice;
      this.skip();
      return;
    }
    const base = Math.min(this.#recording.samples, this.#samplesAt(stretch.sendFromMs));
    this.#run = { stretch, base, sent: base, stopSaid: false };
    this.state = 'listening';
    // A part that failed is sent with the sound around it: its utterances are found again.
    const chunkSeconds = stretch.tries === 0 ? this.#chunkSeconds : undefined;
    this.#say({ type: 'start', encoding: 'pcm16', sampleRate: this.#rateHz, progress: true, chunkSeconds });
    this.more();
  }

  #write(message: Extract<ToMicrophone, { type: 'partial' | 'transcription' }>): void {
    const partial = message.type === 'partial';
    const startMs = this.#inRecording(message.startMs ?? 0);
    const endMs = this.#inRecording(message.endMs ?? 0);
    if (!partial) this.#run?.stretch.settle(endMs);
    const line: WrittenLine = { text: message.text, startMs, endMs, partial };
    // A later text replaces the partial one.
    const kept = this.lines.filter((one) => !one.partial || one.endMs <= startMs);
    this.lines = [...kept, line].sort((a, b) => a.startMs - b.startMs);
  }

  #dropPartial(): void {
    this.lines = this.lines.filter(({ partial }) => !partial);
  }

  #inRecording(ms: number): number {
    return ((this.#run?.base ?? 0) / this.#rateHz) * 1_000 + ms;
  }

  #samplesAt(ms: number): number {
    return Math.round((ms * this.#rateHz) / 1_000);
  }

  #say(message: FromMicrophone): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}
