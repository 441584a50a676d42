import type { FromMicrophone, ToMicrophone } from '../../src/web/dictation-messages.ts';
import { socketAddress } from '../frame/ask-server.ts';
import { toBase64 } from '../sound/base64.ts';
import type { WavEncoder } from '../sound/wav-encoder.ts';

const SOCKET = '/ws';
const AGAIN_AFTER_MS = 1_000;
/** What is sent in one message after a broken connection, and how far back it is begun at most. */
const MOST_OF_A_MESSAGE_MS = 1_000;
const LONGEST_BACK_MS = 100_000;
/** Until texts that were being written are there, and no longer. */
const LAST_TEXTS_WITHIN_MS = 20_000;

/** Words of the recording, and where in it they were said. */
export interface WrittenLine {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  /** Still being said. */
  readonly partial: boolean;
}

export type DictationState = 'connecting' | 'listening' | 'broken' | 'off' | 'over';

/**
 * Live transcription of a recording that grows. The recording is the source: when the connection breaks, the next one
 * begins behind the last line that was written, so that nothing is lost.
 */
export class DictationLink {
  state: DictationState = 'connecting';
  lines: readonly WrittenLine[] = [];
  /** What the server has to say: that nobody transcribes, or what went wrong. */
  notice: string | undefined;
  readonly #recording: WavEncoder;
  readonly #rateHz: number;
  readonly #changed: () => void;
  #socket: WebSocket | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  /** Samples of the recording: where the server's stream began, and what it has. */
  #base = 0;
  #sent = 0;
  #stopped: (() => void) | undefined;

  constructor(recording: WavEncoder, rateHz: number, changed: () => void) {
    this.#recording = recording;
    this.#rateHz = rateHz;
    this.#changed = changed;
    this.#open();
  }

  /** The recording has grown. */
  more(): void {
    if (this.state !== 'listening') return;
    const most = (MOST_OF_A_MESSAGE_MS * this.#rateHz) / 1_000;
    while (this.#sent < this.#recording.samples) {
      const pcm = this.#recording.slice(this.#sent, most);
      this.#sent += pcm.length;
      this.#say({ type: 'audio', audio: toBase64(new Uint8Array(pcm.buffer)) });
    }
  }

  /** The recording is over. Resolves when its last words are written down, or will not be. */
  async finish(): Promise<void> {
    if (this.state === 'listening') {
      this.more();
      this.#say({ type: 'stop' });
      await Promise.race([
        new Promise<void>((resolve) => (this.#stopped = resolve)),
        new Promise<void>((resolve) => setTimeout(resolve, LAST_TEXTS_WITHIN_MS)),
      ]);
    }
    if (this.state !== 'off') this.state = 'over';
    clearTimeout(this.#again);
    this.#socket?.close();
    this.lines = this.lines.filter(({ partial }) => !partial);
    this.#changed();
  }

  #open(): void {
    const socket = new WebSocket(socketAddress(SOCKET));
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.#hear(JSON.parse(String(data)) as ToMicrophone);
      this.#changed();
    };
    socket.onclose = () => this.#closed();
  }

  #closed(): void {
    this.#stopped?.();
    if (this.state === 'over' || this.state === 'off') return;
    this.state = 'broken';
    this.#again = setTimeout(() => this.#open(), AGAIN_AFTER_MS);
    this.#changed();
  }

  #hear(message: ToMicrophone): void {
    switch (message.type) {
      case 'status':
        this.#status(message.message);
        break;
      case 'partial':
        this.#write(message.text, message.startMs, message.endMs, true);
        break;
      case 'transcription':
        this.#write(message.text, message.startMs ?? 0, message.endMs ?? 0, false);
        break;
      case 'error':
        this.notice = message.message;
        break;
    }
  }

  #status(message: string): void {
    if (message === 'ready') this.#begin();
    else if (message === 'stopped') this.#stopped?.();
    else if (message !== 'listening') {
      this.state = 'off';
      this.notice = message;
    }
  }

  #begin(): void {
    const writtenMs = this.lines.findLast(({ partial }) => !partial)?.endMs ?? 0;
    const written = Math.round((writtenMs * this.#rateHz) / 1_000);
    const earliest = this.#recording.samples - (LONGEST_BACK_MS * this.#rateHz) / 1_000;
    this.#base = this.#sent = Math.max(written, Math.ceil(earliest), 0);
    this.lines = this.lines.filter(({ partial }) => !partial);
    this.notice = undefined;
    this.state = 'listening';
    this.#say({ type: 'start', encoding: 'pcm16', sampleRate: this.#rateHz });
    this.more();
  }

  #write(text: string, startMs: number, endMs: number, partial: boolean): void {
    const baseMs = (this.#base / this.#rateHz) * 1_000;
    const line: WrittenLine = { text, startMs: baseMs + startMs, endMs: baseMs + endMs, partial };
    // What was half written is replaced by what comes next of it.
    this.lines = [...this.lines.filter((one) => !one.partial || one.endMs <= line.startMs), line];
  }

  #say(message: FromMicrophone): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}
