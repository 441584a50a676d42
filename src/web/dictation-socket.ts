import type { RawData, WebSocket } from 'ws';
import { Dictation, type DictationParts } from './dictation.ts';
import { fromMicrophone, type ToMicrophone } from './dictation-messages.ts';

/** A page that nobody has heard of for so long is gone. */
const DEAD_AFTER_MS = 30_000;
const PING_EVERY_MS = 10_000;

/** One page's socket for live transcription. Whatever nonsense comes is answered with an `error`; the socket lives on. */
export class DictationSocket {
  readonly #socket: WebSocket;
  readonly #now: () => number;
  readonly #dictation: Dictation;
  #lastSignMs: number;
  #pingedAtMs: number;

  constructor(socket: WebSocket, parts: Omit<DictationParts, 'send'>, gone: () => void) {
    this.#socket = socket;
    this.#now = parts.now;
    this.#lastSignMs = this.#pingedAtMs = parts.now();
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    socket.on('pong', () => (this.#lastSignMs = this.#now()));
    socket.on('close', () => {
      this.#dictation.close();
      gone();
    });
    this.#dictation = new Dictation({ ...parts, send: (message) => this.#send(message) });
  }

  /** To be called about every quarter of a second. */
  tick(atMs: number): void {
    const socket = this.#socket;
    if (atMs - this.#lastSignMs >= DEAD_AFTER_MS) socket.terminate();
    else if (atMs - this.#pingedAtMs >= PING_EVERY_MS && socket.readyState === socket.OPEN) {
      this.#pingedAtMs = atMs;
      socket.ping();
    }
  }

  close(): void {
    this.#socket.close(1001, 'the server is stopping');
  }

  #send(message: ToMicrophone): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #hear(data: RawData, isBinary: boolean): void {
    this.#lastSignMs = this.#now();
    const message = isBinary ? undefined : read((data as Buffer).toString('utf8'));
    const result = message === undefined ? undefined : fromMicrophone.safeParse(message);
    if (result?.success) this.#dictation.take(result.data);
    else {
      const issue = result?.error.issues[0];
      const what = issue
        ? `${issue.path.join('.') || 'The message'}: ${issue.message}`
        : 'That is no JSON text';
      this.#send({
        type: 'error',
        message: `${what}; expected is {"type":"audio","audio":"<base64>"}, {"type":"start","encoding":"pcm16","sampleRate":…} or {"type":"stop"}.`,
      });
    }
  }
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
