import type { RawData, WebSocket } from 'ws';
import { parseJson } from '../../http/parse-json.ts';
import { SocketHeartbeat } from '../../http/sockets/socket-heartbeat.ts';
import type { Log } from '../../log.ts';
import {
  fromMicrophone,
  LARGEST_CLIP_BYTES,
  LARGEST_CLIP_MESSAGE,
  type ToMicrophone,
} from './dictation-messages.ts';
import { DictationSession, type DictationSessionOptions, type Spoken } from './dictation-session.ts';
import { readLargeMessage } from './large-message-reader.ts';

const HEARTBEAT = { pingEveryMs: 10_000, deadAfterMs: 30_000 } as const;
/** Limit of the message queue. Beyond it the socket is paused, so that the page buffers its audio. */
const MAX_QUEUED_BYTES = 1024 * 1024;
/** Minimum size that a message counts as. */
const MIN_COUNTED_BYTES = 256;
/** Larger messages are read in pieces. */
const LARGE_BYTES = 64 * 1024;
const EXPECTED =
  'expected: {"type":"audio","audio":"<base64>"}, {"type":"start","encoding":"pcm16","sampleRate":…} (optional: progress, chunkSeconds) or {"type":"stop"}.';

interface DictationSocketOptions extends Omit<DictationSessionOptions, 'client'> {
  readonly log: Log;
  readonly now: () => number;
}

/** One page's socket for live transcription. Invalid messages are answered with an `error`; the socket stays open. */
export class DictationSocket {
  readonly #socket: WebSocket;
  readonly #options: DictationSocketOptions;
  readonly #dictation: DictationSession;
  readonly #heartbeat: SocketHeartbeat;
  readonly #queue: { readonly data: Buffer; readonly isBinary: boolean }[] = [];
  #queuedBytes = 0;
  #reading = false;

  constructor(socket: WebSocket, options: DictationSocketOptions, gone: () => void) {
    this.#socket = socket;
    this.#options = options;
    this.#heartbeat = new SocketHeartbeat(socket, options.now);
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('close', () => {
      this.#queue.length = 0;
      this.#dictation.close();
      gone();
    });
    this.#dictation = new DictationSession({
      ...options,
      client: { send: (message) => this.#send(message), failed: (error) => this.#logFailure(error) },
    });
  }

  /** Call it every quarter of a second. */
  tick(atMs: number): void {
    const socket = this.#socket;
    // No pongs are read from a paused socket.
    if (socket.isPaused) this.#heartbeat.signOfLife(atMs);
    if (!this.#heartbeat.tick(atMs, HEARTBEAT)) socket.terminate();
  }

  close(): void {
    this.#socket.resume();
    this.#socket.close(1001, 'the server is stopping');
  }

  #send(message: ToMicrophone): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#heartbeat.signOfLife(this.#options.now());
    this.#queue.push({ data: data as Buffer, isBinary });
    this.#queuedBytes += countedBytes(data as Buffer);
    if (this.#queuedBytes > MAX_QUEUED_BYTES) this.#socket.pause();
    if (!this.#reading) void this.#readAll().catch((error: unknown) => this.#fail(error));
  }

  async #readAll(): Promise<void> {
    this.#reading = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      await this.#read(next.data, next.isBinary);
      this.#queuedBytes -= countedBytes(next.data);
      if (this.#socket.isPaused && this.#queuedBytes < MAX_QUEUED_BYTES / 2) this.#socket.resume();
    }
    this.#queuedBytes = 0;
    this.#reading = false;
  }

  /** A programming error ends this connection only. */
  #fail(error: unknown): void {
    this.#logFailure(error);
    this.#socket.terminate();
  }

  #logFailure(error: unknown): void {
    this.#options.log.warn({ err: error }, 'live transcription failed');
  }

  async #read(data: Buffer, isBinary: boolean): Promise<void> {
    const spoken = isBinary ? `The message is not a JSON text; ${EXPECTED}` : await this.#understood(data);
    if (typeof spoken === 'string') this.#dictation.refuse(spoken);
    else await this.#dictation.take(spoken, this.#queue.length === 0);
  }

  /** The message, or an error text. */
  async #understood(data: Buffer): Promise<Spoken | string> {
    if (data.length > LARGEST_CLIP_MESSAGE)
      return `The message is too large: audio may be at most ${LARGEST_CLIP_BYTES / 1_048_576} MiB.`;
    if (data.length <= LARGE_BYTES) return understood(data.toString('utf8'));
    const bytes = await readLargeMessage(data, this.#options.turns);
    return bytes
      ? { type: 'audio', bytes }
      : `The message is too large for its type, or its audio is not base64; ${EXPECTED}`;
  }
}

function countedBytes({ length }: Buffer): number {
  return Math.max(MIN_COUNTED_BYTES, length);
}

function understood(text: string): Spoken | string {
  const message = parseJson(text);
  if (message === undefined) return `The message is not a JSON text; ${EXPECTED}`;
  const { data, error } = fromMicrophone.safeParse(message);
  if (data) return data.type === 'audio' ? { type: 'audio', bytes: Buffer.from(data.audio, 'base64') } : data;
  const [issue] = error.issues;
  return `${issue?.path.join('.') || 'The message'}: ${issue?.message ?? 'is not valid'}; ${EXPECTED}`;
}
