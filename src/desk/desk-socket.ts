import type { RawData, WebSocket } from 'ws';
import { fromDesk, type ToDesk } from './desk-messages.ts';
import { type Desk, type DeskConnection, GIVEN_BACK_AFTER_MS } from './desk.ts';

/** Sound is not sent to a browser that has this much unread. */
const SLOW_BYTES = 512 * 1024;
/** How often a browser is asked whether it is there, and after how much silence it is gone. */
const USUAL = { pingEveryMs: 5_000, deadAfterMs: 15_000 } as const;
/** The same of one that holds a call: its caller hears nobody. It has to be gone before its call is given back. */
const HOLDING = { pingEveryMs: 1_000, deadAfterMs: GIVEN_BACK_AFTER_MS - 1_000 } as const;
/** Looked at later than this, we were held up ourselves: what browsers sent meanwhile is still to be read. */
const HELD_UP_MS = 1_000;

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
  #tickedAtMs: number;
  /** It fell silent, and was cut off for it. */
  #dead = false;

  constructor(socket: WebSocket, parts: DeskSocketParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#lastSignMs = this.#pingedAtMs = this.#tickedAtMs = parts.now();
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
    const heldUp = atMs - this.#tickedAtMs > HELD_UP_MS;
    this.#tickedAtMs = atMs;
    const holds = this.#id !== undefined && this.#parts.desk.holds(this.#id);
    const { pingEveryMs, deadAfterMs } = holds ? HOLDING : USUAL;
    if (atMs - this.#lastSignMs >= deadAfterMs && !heldUp) {
      this.#dead = true;
      socket.terminate();
    } else if (atMs - this.#pingedAtMs >= pingEveryMs && socket.readyState === socket.OPEN) {
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
    const sinceMs = this.#dead ? this.#lastSignMs : this.#parts.now();
    if (this.#id !== undefined) this.#parts.desk.leave(this.#id, this, sinceMs);
  }
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
