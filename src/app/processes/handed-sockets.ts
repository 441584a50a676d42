import type { Socket } from 'node:net';
import { acceptHandedOver } from '../../http/sockets/handed-over-socket.ts';
import { MAX_STREAM_MESSAGE_BYTES } from '../../telephony/twilio-gateway.ts';
import type { HandedRequest } from './host-messages.ts';

/** Sockets that wait to be accepted, for a few milliseconds each. */
const MAX_WAITING = 1_000;

/** Sockets of media streams that the main process has handed over. */
export class HandedSockets {
  readonly #waiting = new Map<number, { readonly request: HandedRequest; readonly socket: Socket }>();

  add(request: HandedRequest, socket: Socket): void {
    socket.on('error', () => socket.destroy());
    this.#waiting.set(request.number, { request, socket });
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > MAX_WAITING) this.drop(oldest!);
  }

  /** Makes the handshake, and passes on the open WebSocket. */
  accept(number: number, open: Parameters<typeof acceptHandedOver>[1]): void {
    const handed = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (!handed) return;
    const { request, socket } = handed;
    acceptHandedOver({ ...request, socket, maxMessageBytes: MAX_STREAM_MESSAGE_BYTES }, open);
  }

  /** Closes a socket that is not accepted. */
  drop(number: number): void {
    this.#waiting.get(number)?.socket.destroy();
    this.#waiting.delete(number);
  }
}
