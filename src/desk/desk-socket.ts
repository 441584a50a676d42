import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { parseJson } from '../http/parse-json.ts';
import { SocketHeartbeat } from '../http/sockets/socket-heartbeat.ts';
import { fromDesk, type ToDesk } from './desk-messages.ts';
import type { DeskConnection } from './desk-ports.ts';
import { type Desk, HAND_BACK_AFTER_MS } from './desk.ts';
import type { JsonTexts } from './json-texts.ts';

/** A browser with this much unsent data gets no audio. */
const SLOW_BYTES = 512 * 1024;
const IDLE = { pingEveryMs: 5_000, deadAfterMs: 15_000 } as const;
/** For a browser that holds a call: its caller would hear silence. It is disconnected before its call is handed back. */
const HOLDING = { pingEveryMs: 1_000, deadAfterMs: HAND_BACK_AFTER_MS - 1_000 } as const;
/** After a longer pause between ticks this process was stalled, and messages of browsers are still unread. */
const STALLED_AFTER_MS = 1_000;

export interface DeskSocketOptions {
  readonly desk: Desk;
  /** The connection below the WebSocket. */
  readonly stream: Pick<Socket, 'cork' | 'uncork'>;
  /** Of all sockets. */
  readonly texts: JsonTexts;
  readonly now: () => number;
  /** The operator's id before a reconnect. */
  readonly operatorId?: string | undefined;
}

/** The socket of one operator's browser. Invalid messages are answered with an error and change nothing. */
export class DeskSocket implements DeskConnection {
  readonly #socket: WebSocket;
  readonly #options: DeskSocketOptions;
  readonly #id: string | undefined;
  readonly #heartbeat: SocketHeartbeat;
  #tickedAtMs: number;
  /** Disconnected because it stopped answering. */
  #dead = false;

  constructor(socket: WebSocket, options: DeskSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#heartbeat = new SocketHeartbeat(socket, options.now);
    this.#tickedAtMs = options.now();
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('close', () => this.#closed());
    this.#id = options.desk.arrive(this, options.operatorId);
    if (this.#id === undefined) socket.close(1013, 'too many operators');
  }

  get slow(): boolean {
    return this.#socket.bufferedAmount > SLOW_BYTES;
  }

  /** What is sent from now on is written together, at `uncork`. */
  cork(): void {
    this.#options.stream.cork();
  }

  uncork(): void {
    this.#options.stream.uncork();
  }

  send(message: ToDesk): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(this.#options.texts.of(message));
  }

  /** Call it every quarter of a second. Returns false once the socket is closed. */
  tick(atMs: number): boolean {
    const socket = this.#socket;
    if (socket.readyState === socket.CLOSED) return false;
    const stalled = atMs - this.#tickedAtMs > STALLED_AFTER_MS;
    this.#tickedAtMs = atMs;
    const holds = this.#id !== undefined && this.#options.desk.holds(this.#id);
    const limits = holds ? HOLDING : IDLE;
    if (!this.#heartbeat.tick(atMs, stalled ? { ...limits, deadAfterMs: Infinity } : limits)) {
      this.#dead = true;
      socket.terminate();
    }
    return true;
  }

  close(): void {
    this.#socket.close(1001, 'the server is stopping');
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#heartbeat.signOfLife(this.#options.now());
    if (this.#id === undefined) return;
    const message = isBinary ? undefined : parseJson((data as Buffer).toString('utf8'));
    if (message === undefined) {
      this.send({ type: 'error', message: 'A message must be a JSON text.' });
      return;
    }
    const result = fromDesk.safeParse(message);
    if (result.success) void this.#options.desk.take(this.#id, result.data);
    else {
      const [issue] = result.error.issues;
      const where = issue?.path.join('.') ?? '';
      this.send({
        type: 'error',
        message: `${where || 'The message'}: ${issue?.message ?? 'is not valid'}.`,
      });
    }
  }

  #closed(): void {
    const sinceMs = this.#dead ? this.#heartbeat.lastSignMs : this.#options.now();
    if (this.#id !== undefined) this.#options.desk.leave(this.#id, this, sinceMs);
  }
}
