import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { HandshakeRefusal } from './websocket-routes.ts';

/** Where WebSockets go whose handshake another process makes. */
export interface HandOverTarget {
  /** Whether WebSockets at this path go there. */
  isOurs(path: string): boolean;
  /** Why a request is refused; undefined if it is admitted. */
  refusal(request: IncomingMessage): HandshakeRefusal | undefined;
  /** False if the other process does not run. */
  handOver(path: string, request: IncomingMessage, socket: Socket, head: Uint8Array): boolean;
}

const NOT_RUNNING: HandshakeRefusal = { status: 503, sentence: 'The process of this call has ended.' };

/** Hands over sockets at paths of the target. To be called when the server has its own listeners; those get all others. */
export function handOverWebSockets(
  server: Server,
  target: HandOverTarget,
  refused: (path: string, status: number) => void,
): void {
  const listeners = server.listeners('upgrade');
  server.removeAllListeners('upgrade');
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (!target.isOurs(path)) {
      for (const listener of listeners) Reflect.apply(listener, server, [request, socket, head]);
      return;
    }
    const refusal =
      target.refusal(request) ?? (target.handOver(path, request, socket, head) ? undefined : NOT_RUNNING);
    if (!refusal) return;
    refused(path, refusal.status);
    refuse(socket, refusal);
  });
}

function refuse(socket: Socket, { status, sentence, waitSeconds }: HandshakeRefusal): void {
  const headers = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(sentence)}`,
    ...(waitSeconds === undefined ? [] : [`Retry-After: ${waitSeconds}`]),
  ];
  socket.on('error', () => socket.destroy());
  socket.end(`${headers.join('\r\n')}\r\n\r\n${sentence}`);
}
