import type { RawData, WebSocket } from 'ws';
import type { Desk, DeskConnection } from './desk.ts';
import { fromDesk, type ToDesk } from './desk-messages.ts';

/** Sound is not sent to a browser that has this much unread. */
const SLOW_BYTES = 512 * 1024;
const PING_EVERY_MS = 5_000;
/** A browser that answers no ping for so long is gone. */
const DEAD_AFTER_MS = 15_000;

export interface DeskSocketParts {
  readonly desk: Desk;
  readonly now: () => number;
  /** As whom it comes back. */
  readonly operatorId?: string;
}

/** One browser's socket at the desk. What it says and nobody understands is answered, and changes nothing. */
export class DeskSocket implements DeskConnection {
  readonly #socket: WebSocket;
  readonly #parts: DeskSocketParts;
  readonly #id: string | undefined;
  #lastSignMs: number;
  #pingedAtMs: number;

  constructor(socket: WebSocket, parts: DeskSocketParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#lastSignMs = this.#pingedAtMs = parts.now();
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    socket.on('pong', () => (this.#lastSignMs = parts.now()));
    socket.on('close', () => this.#gone());
    this.#id = parts.desk.arrive(this, parts.operatorId);
    if (this.#id === undefined) socket.close(1013, 'the desk is full');
  }

  get slow(): boolean {
    return this.#socket.bufferedAmount > SLOW_BYTES;
  }

  send(message: ToDesk): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** To be called about every quarter of a second; false once the socket is gone. */
  tick(atMs: number): boolean {
    const socket = this.#socket;
    if (socket.readyState === socket.CLOSED) return false;
    if (atMs - this.#lastSignMs >= DEAD_AFTER_MS) socket.terminate();
    else if (atMs - this.#pingedAtMs >= PING_EVERY_MS && socket.readyState === socket.OPEN) {
      this.#pingedAtMs = atMs;
      socket.ping();
    }
    return true;
  }

  close(): void {
    this.#socket.close(1001, 'the server is stopping');
  }

  #hear(data: RawData, isBinary: boolean): void {
    this.#lastSignMs = this.#parts.now();
    if (this.#id === undefined) return;
    const message = isBinary ? undefined : read((data as Buffer).toString('utf8'));
    if (message === undefined) {
      this.send({ type: 'error', message: 'A message is a JSON text.' });
      return;
    }
    const result = fromDesk.safeParse(message);
    if (result.success) this.#parts.desk.take(this.#id, result.data);
    else {
      const [issue] = result.error.issues;
      const where = issue?.path.join('.') ?? '';
      this.send({
        type: 'error',
        message: `${where || 'The message'}: ${issue?.message ?? 'is not right'}.`,
      });
    }
  }

  #gone(): void {
    if (this.#id !== undefined) this.#parts.desk.leave(this.#id, this, this.#parts.now());
  }
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
