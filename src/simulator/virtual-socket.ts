import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';

/** The server's end of a WebSocket in memory: the subset that the media stream uses. */
export class VirtualSocket extends EventEmitter {
  readonly OPEN = 1;
  readonly CLOSED = 3;
  readonly bufferedAmount = 0;
  readyState = 1;
  readonly #sent: (text: string) => void;
  readonly #closed: () => void;

  /** `sent` and `closed`: called when the server sends or closes. */
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

  /** Delivers a text frame from Twilio. */
  arrives(text: string): void {
    if (this.readyState === this.OPEN) this.emit('message', Buffer.from(text), false);
  }

  /** Ends the connection. */
  gone(): void {
    if (this.readyState === this.CLOSED) return;
    this.readyState = this.CLOSED;
    this.emit('close', 1000);
  }

  asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }
}
