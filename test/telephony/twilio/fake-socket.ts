import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';

/** A socket without a network: keeps what was sent to the other side, and says what the test says. */
export class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readonly CLOSED = 3;
  readonly sent: string[] = [];
  readyState = 1;
  bufferedAmount = 0;
  pings = 0;
  terminated = false;
  closedWith: { code: number; reason: string } | undefined;

  get asSocket(): WebSocket {
    return this as unknown as WebSocket;
  }

  says(message: object): void {
    this.emit('message', Buffer.from(JSON.stringify(message)), false);
  }

  saysRaw(data: Buffer, isBinary = false): void {
    this.emit('message', data, isBinary);
  }

  /** The other side answers a ping. */
  answers(): void {
    this.emit('pong', Buffer.alloc(0));
  }

  /** The connection is gone, whoever closed it. */
  gone(): void {
    this.readyState = this.CLOSED;
    this.emit('close', 1006, Buffer.alloc(0));
  }

  send(text: string): void {
    this.sent.push(text);
  }

  ping(): void {
    this.pings += 1;
  }

  close(code: number, reason = ''): void {
    this.closedWith ??= { code, reason };
  }

  terminate(): void {
    this.terminated = true;
    this.gone();
  }
}
