import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';

/** The server's end of a WebSocket in memory: what the media stream uses of one. */
export class VirtualSocket extends EventEmitter {
  readonly OPEN = 1;
  readonly CLOSED = 3;
  readonly bufferedAmount = 0;
  readyState = 1;
  readonly #sent: (text: string) => void;
  readonly #closed: () => void;

  /** `sent` and `closed`: what the server does. */
  constructor(sent: (text: string) => void, closed: () => void) {
    super();
    this.#sent = sent;
    this.#closed = closed;
  }

  send(text: string): void {
    if (this.readyState === this.OPEN) this.#sent(text);
  }

  ping(): void {
    this.emit('pong');
  }

  close(): void {
    if (this.readyState !== this.OPEN) return;
    this.readyState = 2;
    this.#closed();
  }

  terminate(): void {
    this.close();
    this.gone();
  }

  /** A text frame from Twilio arrives. */
  arrives(text: string): void {
    if (this.readyState === this.OPEN) this.emit('message', Buffer.from(text), false);
  }

  /** The connection is over. */
  gone(): void {
    if (this.readyState === this.CLOSED) return;
    this.readyState = this.CLOSED;
    this.emit('close', 1000);
  }

  asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }
}
