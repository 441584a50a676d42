import type { RawData, WebSocket } from 'ws';
import {
  fromMicrophone,
  LARGEST_CLIP_BYTES,
  LARGEST_CLIP_MESSAGE,
  type ToMicrophone,
} from './dictation-messages.ts';
import { DictationSession, type DictationSessionOptions, type Spoken } from './dictation-session.ts';
import { readLargeMessage } from './large-message-reader.ts';

/** A page that nobody has heard of for so long is gone. */
const DEAD_AFTER_MS = 30_000;
const PING_EVERY_MS = 10_000;
/** Messages that wait for those before them; when there are more the socket is not read, and the page's sound waits where it is. */
const MOST_UNREAD_BYTES = 1024 * 1024;
/** However short a message is, it counts as this much. */
const LEAST_BYTES = 256;
/** Larger messages are read in pieces. */
const LARGE_BYTES = 64 * 1024;
const EXPECTED =
  'expected is {"type":"audio","audio":"<base64>"}, {"type":"start","encoding":"pcm16","sampleRate":…} or {"type":"stop"}.';

interface DictationSocketParts extends Omit<DictationSessionOptions, 'send'> {
  readonly now: () => number;
}

/** One page's socket for live transcription. Whatever nonsense comes is answered with an `error`; the socket lives on. */
export class DictationSocket {
  readonly #socket: WebSocket;
  readonly #parts: DictationSocketParts;
  readonly #dictation: DictationSession;
  readonly #unread: { readonly data: Buffer; readonly isBinary: boolean }[] = [];
  #unreadBytes = 0;
  #reading = false;
  #lastSignMs: number;
  #pingedAtMs: number;

  constructor(socket: WebSocket, parts: DictationSocketParts, gone: () => void) {
    this.#socket = socket;
    this.#parts = parts;
    this.#lastSignMs = this.#pingedAtMs = parts.now();
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    socket.on('pong', () => (this.#lastSignMs = parts.now()));
    socket.on('close', () => {
      this.#unread.length = 0;
      this.#dictation.close();
      gone();
    });
    this.#dictation = new DictationSession({ ...parts, send: (message) => this.#send(message) });
  }

  /** To be called about every quarter of a second. */
  tick(atMs: number): void {
    const socket = this.#socket;
    // A socket that is not read brings no sign of life.
    if (socket.isPaused) this.#lastSignMs = atMs;
    if (atMs - this.#lastSignMs >= DEAD_AFTER_MS) socket.terminate();
    else if (atMs - this.#pingedAtMs >= PING_EVERY_MS && socket.readyState === socket.OPEN) {
      this.#pingedAtMs = atMs;
      socket.ping();
    }
  }

  close(): void {
    this.#socket.resume();
    this.#socket.close(1001, 'the server is stopping');
  }

  #send(message: ToMicrophone): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #hear(data: RawData, isBinary: boolean): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#lastSignMs = this.#parts.now();
    this.#unread.push({ data: data as Buffer, isBinary });
    this.#unreadBytes += countedBytes(data as Buffer);
    if (this.#unreadBytes > MOST_UNREAD_BYTES) this.#socket.pause();
    if (!this.#reading) void this.#readAll().catch((error: unknown) => this.#broken(error));
  }

  async #readAll(): Promise<void> {
    this.#reading = true;
    for (let next = this.#unread.shift(); next; next = this.#unread.shift()) {
      await this.#read(next.data, next.isBinary);
      this.#unreadBytes -= countedBytes(next.data);
      if (this.#socket.isPaused && this.#unreadBytes < MOST_UNREAD_BYTES / 2) this.#socket.resume();
    }
    this.#unreadBytes = 0;
    this.#reading = false;
  }

  /** Our mistake ends this connection only. */
  #broken(error: unknown): void {
    this.#parts.failed(error);
    this.#socket.terminate();
  }

  async #read(data: Buffer, isBinary: boolean): Promise<void> {
    const spoken = isBinary ? `That is no JSON text; ${EXPECTED}` : await this.#understood(data);
    if (typeof spoken === 'string') this.#dictation.refuse(spoken);
    else await this.#dictation.take(spoken, this.#unread.length === 0);
  }

  /** A string: what is wrong with it. */
  async #understood(data: Buffer): Promise<Spoken | string> {
    if (data.length > LARGEST_CLIP_MESSAGE)
      return `The message is too large: audio may be at most ${LARGEST_CLIP_BYTES / 1_048_576} MiB.`;
    if (data.length <= LARGE_BYTES) return understood(data.toString('utf8'));
    const bytes = await readLargeMessage(data, this.#parts.turns);
    return bytes
      ? { type: 'audio', bytes }
      : `The message is too large for what it is, or no base64; ${EXPECTED}`;
  }
}

function countedBytes({ length }: Buffer): number {
  return Math.max(LEAST_BYTES, length);
}

function understood(text: string): Spoken | string {
  const message = parsed(text);
  if (message === undefined) return `That is no JSON text; ${EXPECTED}`;
  const { data, error } = fromMicrophone.safeParse(message);
  if (data) return data.type === 'audio' ? { type: 'audio', bytes: Buffer.from(data.audio, 'base64') } : data;
  const [issue] = error.issues;
  return `${issue?.path.join('.') || 'The message'}: ${issue?.message ?? 'wrong'}; ${EXPECTED}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
